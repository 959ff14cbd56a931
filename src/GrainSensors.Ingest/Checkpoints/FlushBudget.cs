using GrainSensors.Ingest.Configuration;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>
/// What the partitions of a silo share for their flushes. Ahead of checkpoints they may write a number of rows a second, saved up for
/// at most a second. The rows of checkpoints count too, but they never wait.
/// </summary>
#pragma warning disable CA1001 // the semaphore has no wait handle to dispose of, and flushes of a revoked partition return to it late
internal sealed class FlushBudget
#pragma warning restore CA1001
{
    /// <summary>What PostgreSQL writes to its log for a row, and for each of its measurements; see ADR 11.</summary>
    private const int LogBytesPerRow = 162, LogBytesPerMeasurement = 42;

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly double _rowsPerSecond;
    private readonly int _logBytesPerRow;
    private double _rows;
    private long _since;
    private long _flushedRows;

    /// <param name="measurements">The number of measurements in a row.</param>
    /// <param name="stepBytes">What a row holds of the steps that deduplicate its values.</param>
    public FlushBudget(IngestOptions options, int measurements, TimeProvider clock, int stepBytes = 0)
    {
        _clock = clock;
        _logBytesPerRow = LogBytesPerRow + (LogBytesPerMeasurement * measurements) + stepBytes;
        _rowsPerSecond = Math.Min(options.MaxFlushedRows, (double)options.MaxFlushedLogBytes / _logBytesPerRow);
        (_rows, _since) = (_rowsPerSecond, clock.GetTimestamp());
    }

    /// <inheritdoc cref="CheckpointAttempt.Permits"/>
    public SemaphoreSlim Permits { get; } = new(CheckpointAttempt.MaxGroups);

    /// <summary>Whether something is left. The partition that takes the last row may take more than it; others wait longer then.</summary>
    public bool IsLeft
    {
        get
        {
            lock (_gate)
            {
                Refill();
                return _rows > 0;
            }
        }
    }

    /// <summary>The rows that were flushed ahead of checkpoints, and what PostgreSQL writes to its log for them, about.</summary>
    public (long Rows, long LogBytes) Flushed => (Volatile.Read(ref _flushedRows), Volatile.Read(ref _flushedRows) * _logBytesPerRow);

    /// <summary>Rows are flushed ahead of a checkpoint.</summary>
    public void Flush(int rows)
    {
        Interlocked.Add(ref _flushedRows, rows);
        Spend(rows);
    }

    /// <summary>Rows are written by a checkpoint.</summary>
    public void Spend(int rows)
    {
        lock (_gate)
        {
            Refill();
            _rows -= rows;
        }
    }

    private void Refill()
    {
        var now = _clock.GetTimestamp();
        _rows = Math.Min(_rowsPerSecond, _rows + (_clock.GetElapsedTime(_since, now).TotalSeconds * _rowsPerSecond));
        _since = now;
    }
}
