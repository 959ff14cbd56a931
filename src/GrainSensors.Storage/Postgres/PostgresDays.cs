using System.Globalization;
using GrainSensors.Core.Time;
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
    private volatile HashSet<long> _known = [];

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
            // One attempt only: a report may hold the lock for minutes, and the windows cannot wait for it.
            await partitions.CreateAsync(missing, attempts: 1, CancellationToken.None);
        }
        catch (PostgresException e) when (LockTimeoutRetry.IsLockFailure(e))
        {
            var list = string.Join(", ", missing.Select(day => day.ToString("O", CultureInfo.InvariantCulture)));
            LogDefaultPartition(logger, list, e.MessageText);
        }

        _known = [.. _known, .. days];
    }

    private static long NumberOf(DateOnly day) => day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    private static DateOnly DayOf(long number) => DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)number);

    private HashSet<long>? FindNew(IReadOnlyList<WindowWrite> writes)
    {
        var known = _known;
        HashSet<long>? found = null;
        long? last = null;
        for (var i = 0; i < writes.Count; i++)
        {
            var day = writes[i].Row.Key.Start / MicrosPerDay;
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
