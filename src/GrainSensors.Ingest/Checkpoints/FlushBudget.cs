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

    /// <summary>The share of a batch in the number of measurements of a row.</summary>
    private const double ShareOfBatch = 0.1;

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly IngestOptions _options;
    private readonly int _declared;
    private readonly int _stepBytes;
    private double _measurements;
    private double _rowsPerSecond;
    private double _logBytesPerRow;
    private double _rows;
    private long _since;
    private long _flushedRows;
    private double _flushedLogBytes;

    /// <param name="measurements">The number of declared measurements.</param>
    /// <param name="stepBytes">What a row holds of the steps that deduplicate its values.</param>
    public FlushBudget(IngestOptions options, int measurements, TimeProvider clock, int stepBytes = 0)
    {
        (_options, _clock, _declared, _measurements, _stepBytes) = (options, clock, measurements, measurements, stepBytes);
        SetRate();
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
    public (long Rows, long LogBytes) Flushed
    {
        get
        {
            lock (_gate)
            {
                return (_flushedRows, (long)_flushedLogBytes);
            }
        }
    }

    /// <summary>A batch was read. A row has about as many measurements as readings have values.</summary>
    public void Measured(int readings, int values)
    {
        if (readings > 0)
        {
            lock (_gate)
            {
                _measurements += ShareOfBatch * (Math.Max(_declared, (double)values / readings) - _measurements);
                SetRate();
            }
        }
    }

    /// <summary>Rows are flushed ahead of a checkpoint.</summary>
    public void Flush(int rows)
    {
        lock (_gate)
        {
            _flushedRows += rows;
            _flushedLogBytes += rows * _logBytesPerRow;
        }

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

    private void SetRate()
    {
        _logBytesPerRow = LogBytesPerRow + (LogBytesPerMeasurement * _measurements) + _stepBytes;
        _rowsPerSecond = Math.Min(_options.MaxFlushedRows, _options.MaxFlushedLogBytes / _logBytesPerRow);
    }

    private void Refill()
    {
        var now = _clock.GetTimestamp();
        _rows = Math.Min(_rowsPerSecond, _rows + (_clock.GetElapsedTime(_since, now).TotalSeconds * _rowsPerSecond));
        _since = now;
    }
}
