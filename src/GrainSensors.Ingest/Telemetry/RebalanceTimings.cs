using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Telemetry;

/// <summary>
/// Logs how long an assigned partition took until its first readings were dispatched, its window grains were active, and the
/// messages that had waited in the log were durable. This is the cost of a rebalance for readings that arrive during it.
/// </summary>
/// <param name="assignedAt">A timestamp of the clock.</param>
/// <param name="end">The end of the log when the start position was resolved.</param>
internal sealed partial class RebalanceTimings(PartitionName partition, long assignedAt, long end, TimeProvider clock, ILogger logger)
{
    private TimeSpan? _first;
    private TimeSpan _active;
    private int _grains;
    private bool _isOver;

    /// <summary>A batch is about to be sent.</summary>
    public void Sending() => _first ??= clock.GetElapsedTime(assignedAt);

    /// <summary>A batch has been sent.</summary>
    /// <param name="grains">Grains that were called for the first time.</param>
    public void Sent(int grains)
    {
        if (grains > 0 && !_isOver)
        {
            _grains += grains;
            _active = clock.GetElapsedTime(assignedAt);
        }
    }

    /// <summary>The partition was rewound, so every grain is called again.</summary>
    public void Rewound() => _grains = _isOver ? _grains : 0;

    public void Checkpointed(long nextOffset)
    {
        // Without a batch nothing had waited in the log, and the time until the next reading does not measure the rebalance.
        if (!_isOver && nextOffset >= end && _first is { } first)
        {
            _isOver = true;
            var elapsed = clock.GetElapsedTime(assignedAt);
            LogCaughtUp(logger, partition, elapsed.TotalSeconds, first.TotalSeconds, _grains, _active.TotalSeconds);
        }
    }

    [LoggerMessage(
        1110,
        LogLevel.Information,
        "Partition {Partition} caught up {Elapsed:0.00} s after it was assigned: first readings after {First:0.00} s, "
        + "{Grains} window grains active after {Active:0.00} s")]
    private static partial void LogCaughtUp(
        ILogger logger, PartitionName partition, double elapsed, double first, int grains, double active);
}
