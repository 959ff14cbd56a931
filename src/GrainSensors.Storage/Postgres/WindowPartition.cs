using System.Globalization;
using System.Text.RegularExpressions;

namespace GrainSensors.Storage.Postgres;

/// <summary>A partition of the table <c>windows</c>: one UTC day of one period, or the days of a period without a partition.</summary>
/// <param name="Period">The canonical text of the period.</param>
/// <param name="Day">The day; null for the default partition of the period.</param>
internal readonly partial record struct WindowPartition(string Period, DateOnly? Day)
{
    /// <summary>The name of the table: <c>windows_pt15m_20261124</c>, as the function <c>window_partition_name</c> forms it.</summary>
    public string Name =>
        $"windows_{NotAlphanumeric().Replace(Period, "_").ToLowerInvariant()}_"
        + (Day?.ToString("yyyyMMdd", CultureInfo.InvariantCulture) ?? "default");

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NotAlphanumeric();
}
