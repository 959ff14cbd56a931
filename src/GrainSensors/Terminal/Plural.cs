using System.Globalization;

namespace GrainSensors.Terminal;

/// <summary>Counts with their noun: <c>1 window</c>, <c>2,000 windows</c>.</summary>
internal static class Plural
{
    public static string Of(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
