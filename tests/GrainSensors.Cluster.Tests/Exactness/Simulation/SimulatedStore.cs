using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>A store in memory that is slow, fails before or after a write, and writes only some rows of a call.</summary>
internal sealed class SimulatedStore(StepScheduler scheduler, Random random, Faults faults) : IWindowStore
{
    private readonly Dictionary<WindowKey, WindowRow> _rows = [];
    private readonly Dictionary<SourceId, Checkpoint> _checkpoints = [];

    /// <summary>Whether a write must state the current row version; if not, every write succeeds.</summary>
    public bool ChecksVersions { get; init; } = true;

    public IReadOnlyDictionary<WindowKey, WindowRow> Rows => _rows;

    public string Description => "simulated";

    public int Refused { get; private set; }

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Checkpoint? CheckpointOf(SourceId source) => _checkpoints.GetValueOrDefault(source);

    public async Task<IReadOnlyList<WindowRow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken)
    {
        await WaitAsync();
        Fail(faults.StoreFailure);
        var found = _rows.Values.Where(row => windows.Contains(row.Key.Window)).ToList();
        await WaitAsync();
        return found;
    }

    public async Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken)
    {
        await WaitAsync();
        Fail(faults.StoreFailure);
        var outcomes = new WriteOutcome[writes.Count];
        for (var i = 0; i < writes.Count; i++)
        {
            var (row, expected) = (writes[i].Row, writes[i].ExpectedVersion);
            if (random.NextDouble() < faults.PartialWrite)
            {
                continue;
            }

            if (ChecksVersions && _rows.GetValueOrDefault(row.Key)?.RowVersion != expected)
            {
                outcomes[i] = WriteOutcome.Refused;
                Refused++;
                continue;
            }

            outcomes[i] = WriteOutcome.Written;
            _rows[row.Key] = row;
        }

        await WaitAsync();
        Fail(faults.StoreFailure);
        return outcomes;
    }

    public async Task WriteCheckpointAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        await WaitAsync();
        Fail(faults.StoreFailure);
        if (checkpoint.NextOffset >= (CheckpointOf(checkpoint.Source)?.NextOffset ?? 0))
        {
            _checkpoints[checkpoint.Source] = checkpoint;
        }

        await WaitAsync();
        Fail(faults.StoreFailure);
    }

    public Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken)
    {
        var from = _checkpoints.Count == 0 ? long.MinValue : _checkpoints.Values.Min(checkpoint => checkpoint.OpenFrom);
        return Task.FromResult<IReadOnlyList<OpenWindow>>(
            [.. _rows.Values.Where(row => !row.IsFinal && row.Key.Start >= from).GroupBy(row => row.Key.Window)
                .Select(rows => new OpenWindow(rows.Key, rows.Aggregate(Marks.Empty, (marks, row) => marks.Max(row.Marks))))]);
    }

    public Task<Checkpoint?> ReadCheckpointAsync(SourceId source, CancellationToken cancellationToken) =>
        Task.FromResult(CheckpointOf(source));

    public IAsyncEnumerable<WindowRow> QueryAsync(WindowQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetPeriodAsync(Period period, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task WaitAsync()
    {
        for (var turns = random.Next(4); turns > 0; turns--)
        {
            await scheduler.YieldAsync();
        }
    }

    private void Fail(double probability)
    {
        if (random.NextDouble() < probability)
        {
            throw new WindowStoreUnavailableException("The simulated store has failed.");
        }
    }
}
