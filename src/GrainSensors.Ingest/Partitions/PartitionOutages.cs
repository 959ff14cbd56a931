using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Logs the outages of a server that stall partitions: one event when an outage begins, at most one per minute while it lasts,
/// and one when it is over. Every partition fails in an outage, and tries again every few seconds.
/// </summary>
internal sealed partial class PartitionOutages(TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// An outage is over when no partition has failed for this time: partitions that share a scarce server fail in turn.
    /// </summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly HashSet<PartitionName> _stalled = [];
    private long _began;
    private long _logged;
    private long _failures;
    private ITimer? _end;

    /// <param name="isStarting">The partition does not know its start position yet.</param>
    public void Failed(PartitionName partition, string reason, bool isStarting = false)
    {
        lock (_gate)
        {
            _end?.Dispose();
            _end = null;
            _stalled.Add(partition);
            if (_failures++ == 0)
            {
                _began = _logged = clock.GetTimestamp();
                if (isStarting)
                {
                    LogNotResolved(logger, partition, reason);
                }
                else
                {
                    LogStalled(logger, partition, reason);
                }
            }
            else if (clock.GetElapsedTime(_logged) >= Interval)
            {
                _logged = clock.GetTimestamp();
                LogContinues(logger, Seconds(_logged), _failures, string.Join(", ", _stalled.Order()), reason);
            }
        }
    }

    /// <summary>The partition goes on, or has left this silo.</summary>
    public void Ended(PartitionName partition)
    {
        lock (_gate)
        {
            if (_stalled.Remove(partition) && _stalled.Count == 0)
            {
                var endedAt = clock.GetTimestamp();
                _end = clock.CreateTimer(_ => Over(endedAt), null, Calm, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Over(long endedAt)
    {
        lock (_gate)
        {
            if (_end is null)
            {
                return;
            }

            _end.Dispose();
            _end = null;
            LogOver(logger, Seconds(endedAt), _failures);
            _failures = 0;
        }
    }

    private double Seconds(long until) => Math.Round(clock.GetElapsedTime(_began, until).TotalSeconds, 1);

    [LoggerMessage(1040, LogLevel.Warning, "The start position of partition {Partition} is not known yet: {Reason}")]
    private static partial void LogNotResolved(ILogger logger, PartitionName partition, string reason);

    [LoggerMessage(1101, LogLevel.Warning, "Partition {Partition} is stalled and will retry: {Reason}")]
    private static partial void LogStalled(ILogger logger, PartitionName partition, string reason);

    [LoggerMessage(
        1103, LogLevel.Warning, "The outage lasts {Seconds} s with {Failures} failures; stalled partitions: {Partitions}; last: {Reason}")]
    private static partial void LogContinues(ILogger logger, double seconds, long failures, string partitions, string reason);

    [LoggerMessage(1104, LogLevel.Information, "The outage is over after {Seconds} s with {Failures} failures; no partition is stalled")]
    private static partial void LogOver(ILogger logger, double seconds, long failures);
}
