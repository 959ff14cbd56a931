using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Creates the partition of a day before its first window is written. Empty partitions of a year would slow every statement.
/// </summary>
internal sealed partial class PostgresDays(PostgresPartitions partitions, RetentionPolicy policy, ILogger logger)
{
    private const long MicrosPerDay = 86_400 * EpochTime.MicrosPerSecond;

    // The numbers of days since the epoch, because windows may start on days beyond the range of DateOnly. The set is replaced
    // and never changed, because several batches use it concurrently.
    private volatile HashSet<(Period, long)> _known = [];

    public async Task EnsureAsync(IReadOnlyList<WindowWrite> writes)
    {
        if (FindNew(writes) is not { } found)
        {
            return;
        }

        var existing = await partitions.ListAsync(CancellationToken.None);
        foreach (var period in found.GroupBy(day => day.Period, day => day.Number))
        {
            await EnsureAsync(StoredPeriod.Text(period.Key), period, existing);
        }

        _known = [.. _known, .. found];
    }

    private async Task EnsureAsync(string period, IEnumerable<long> days, IReadOnlyList<WindowPartition> existing)
    {
        var (first, last) = (NumberOf(policy.FirstDay(period)), NumberOf(policy.LastDay));
        var missing = days.Where(day => day >= first && day <= last).Select(DayOf)
            .Where(day => !existing.Contains(new(period, day))).Order().ToList();
        var hasPeriod = existing.Any(partition => partition.Period == period);
        if (missing.Count == 0 && hasPeriod)
        {
            return;
        }

        try
        {
            // One attempt only: a report may hold the lock for minutes, and the windows cannot wait for it.
            await partitions.CreateAsync(period, missing, attempts: 1, CancellationToken.None);
        }
        catch (PostgresException e) when (LockTimeoutRetry.IsLockFailure(e) && hasPeriod)
        {
            var list = string.Join(", ", missing.Select(day => day.ToString("O", CultureInfo.InvariantCulture)));
            LogDefaultPartition(logger, list, e.MessageText);
        }
    }

    private static long NumberOf(DateOnly day) => day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    private static DateOnly DayOf(long number) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)number);

    private HashSet<(Period Period, long Number)>? FindNew(IReadOnlyList<WindowWrite> writes)
    {
        var known = _known;
        HashSet<(Period, long)>? found = null;
        (Period, long)? last = null;
        for (var i = 0; i < writes.Count; i++)
        {
            var day = (writes[i].Window.Id.Period, writes[i].Window.Id.Start / MicrosPerDay);
            if (day != last && !known.Contains(day))
            {
                (found ??= []).Add(day);
            }

            last = day;
        }

        return found;
    }

    [LoggerMessage(2013, LogLevel.Warning, "Windows of {Days} are written to the default partition until maintenance moves them: {Reason}")]
    private static partial void LogDefaultPartition(ILogger logger, string days, string reason);
}
