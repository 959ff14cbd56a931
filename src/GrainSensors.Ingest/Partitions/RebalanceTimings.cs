using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// Tells how long a partition that was assigned took until its first readings were taken, its window grains were active,
/// and what had waited in the log was durable: what a move costs the readings that come meanwhile.
/// </summary>
/// <param name="assignedAt">A timestamp of the clock.</param>
/// <param name="end">Where the log ended when the partition began.</param>
internal sealed partial class RebalanceTimings(int partition, long assignedAt, long end, TimeProvider clock, ILogger logger)
{
    private TimeSpan? _first;
    private TimeSpan _active;
    private int _grains;
    private bool _isOver;

    /// <summary>A batch is about to be sent.</summary>
    public void Sending() => _first ??= clock.GetElapsedTime(assignedAt);

    /// <param name="grains">Those that had not been called before.</param>
    public void Sent(int grains)
    {
        if (grains > 0 && !_isOver)
        {
            _grains += grains;
            _active = clock.GetElapsedTime(assignedAt);
        }
    }

    /// <summary>Everything is sent again, and every grain called again.</summary>
    public void Rewound() => _grains = _isOver ? _grains : 0;

    public void Checkpointed(long nextOffset)
    {
        // Without a batch since then nothing had waited, and how long nobody sends anything says nothing.
        if (!_isOver && nextOffset >= end && _first is { } first)
        {
            _isOver = true;
            LogCaughtUp(logger, partition, clock.GetElapsedTime(assignedAt).TotalSeconds, first.TotalSeconds, _grains, _active.TotalSeconds);
        }
    }

    [LoggerMessage(1110, LogLevel.Information, "Partition {Partition} caught up {Elapsed:0.00} s after it was assigned: first readings after {First:0.00} s, {Grains} window grains active after {Active:0.00} s")]
    private static partial void LogCaughtUp(ILogger logger, int partition, double elapsed, double first, int grains, double active);
}
