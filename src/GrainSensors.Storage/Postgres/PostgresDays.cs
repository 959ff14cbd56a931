using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>Has the days that windows are about to be written for get their partition: a year of empty ones slows every statement.</summary>
internal sealed partial class PostgresDays(PostgresPartitions partitions, RetentionPolicy policy, ILogger logger)
{
    private const long MicrosPerDay = 86_400 * EpochTime.MicrosPerSecond;

    // By number since the epoch: windows may start on days that no calendar here knows. Replaced, never changed: several
    // batches are written at once.
    private volatile HashSet<long> _seen = [];

    public async Task EnsureAsync(IReadOnlyList<WindowWrite> writes)
    {
        if (FindNew(writes) is not { } days)
        {
            return;
        }

        var (first, last) = (NumberOf(policy.FirstDay), NumberOf(policy.LastDay));
        var missing = days.Where(day => day >= first && day <= last).Select(DayOf)
            .Except(await partitions.ListAsync(CancellationToken.None)).Order().ToList();
        try
        {
            // Asked for once: the windows cannot wait for the end of somebody's report.
            await partitions.CreateAsync(missing, attempts: 1, CancellationToken.None);
        }
        catch (PostgresException e) when (LockTimeoutRetry.IsLostRace(e))
        {
            LogToDefault(logger, string.Join(", ", missing.Select(day => day.ToString("O", CultureInfo.InvariantCulture))), e.MessageText);
        }

        _seen = [.. _seen, .. days];
    }

    private static long NumberOf(DateOnly day) => day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    private static DateOnly DayOf(long number) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)number);

    private HashSet<long>? FindNew(IReadOnlyList<WindowWrite> writes)
    {
        var seen = _seen;
        HashSet<long>? found = null;
        long? last = null;
        for (var i = 0; i < writes.Count; i++)
        {
            var day = writes[i].Row.Key.Start / MicrosPerDay;
            if (day != last && !seen.Contains(day))
            {
                (found ??= []).Add(day);
            }

            last = day;
        }

        return found;
    }

    [LoggerMessage(2013, LogLevel.Warning, "Windows of {Days} go to the default partition until maintenance moves them: {Reason}")]
    private static partial void LogToDefault(ILogger logger, string days, string reason);
}
