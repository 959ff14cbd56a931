using GrainSensors.Core.Merging;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>A store in memory that is slow, fails before or after a write, and writes only some windows of a call.</summary>
internal sealed class SimulatedStore(StepScheduler scheduler, Random random, Faults faults) : IWindowStore
{
    private readonly List<Backup> _backups = [];
    private Dictionary<SourceId, Dictionary<long, Refusal>> _refusals = [];
    private Dictionary<WindowId, StoredWindow> _windows = [];
    private Dictionary<SourceId, Checkpoint> _checkpoints = [];
    private Dictionary<int, ReadingOrder> _latest = [];
    private int _lives = 1;

    /// <summary>Whether a write must state the current row version; if not, every write succeeds.</summary>
    public bool ChecksVersions { get; init; } = true;

    /// <summary>Numbers of names that rows may have; null: the sensors have ids.</summary>
    public SimulatedNames? Names { get; set; }

    /// <summary>Null: all measurements are declared.</summary>
    public SimulatedMeasurements? Measurements { get; set; }

    /// <summary>The states of monitors; null without monitors.</summary>
    public SimulatedMonitorStates? Monitors { get; set; }

    /// <summary>Whether refusals are stored; if not, they are known to the loop only.</summary>
    public bool KeepsRefusals { get; init; } = true;

    /// <summary>The longer windows; null: there are none.</summary>
    public SimulatedMerges? Merges { get; set; }

    public IReadOnlyCollection<StoredWindow> Windows => _windows.Values;

    /// <summary>The measurements of all windows.</summary>
    public IReadOnlyDictionary<WindowKey, WindowRow> Rows =>
        _windows.Values.SelectMany(window => window.Rows).ToDictionary(row => row.Key);

    /// <summary>The latest readings in final windows.</summary>
    public IReadOnlyDictionary<int, ReadingOrder> Latest => _latest;

    public string Description => "simulated";

    public int Refused { get; private set; }

    public Guid Life { get; private set; }

    public Guid PresentLife => new(_lives, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    public Guid ReadLife() => Life = PresentLife;

    public async Task<Guid> ReadLifeAsync(CancellationToken cancellationToken)
    {
        await WaitAsync();
        Fail(faults.StoreFailure);
        return ReadLife();
    }

    public void BackUp() => _backups.Add(new(
        new(_windows), new(_checkpoints), new(_latest), CopyOf(_refusals), Names?.BackUp() ?? [], Monitors?.BackUp(),
        Merges?.BackUp() ?? []));

    /// <summary>Restores a backup, as a standby that lags does when it takes over. Nobody is told.</summary>
    public void Restore()
    {
        if (_backups.Count > 0)
        {
            var at = random.Next(_backups.Count);
            var (windows, checkpoints, latest, refusals, _, monitors, merged) = _backups[at];
            (_windows, _checkpoints, _latest, _refusals) = (new(windows), new(checkpoints), new(latest), CopyOf(refusals));
            _backups.RemoveRange(at + 1, _backups.Count - at - 1);
            Monitors?.Restore(monitors!);
            Measurements?.Restore();
            Names?.Restore([.. _backups.Select(backup => backup.Names)]);
            Merges?.Restore(merged);
            _lives++;
        }
    }

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Checkpoint? CheckpointOf(SourceId source) => _checkpoints.GetValueOrDefault(source.WithoutIncarnation());

    public async Task<IReadOnlyList<StoredWindow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken)
    {
        await WaitAsync();
        Fail(faults.StoreFailure);
        ReadLife();
        var found = _windows.Values.Where(window => windows.Contains(window.Id)).ToList();
        await WaitAsync();
        return found;
    }

    public async Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken)
    {
        await WaitAsync();
        if (Names is not null && random.Next(10) == 0)
        {
            // Long enough for a restore and a new name.
            await WaitAsync(40);
        }

        Fail(faults.StoreFailure);
        var outcomes = new WriteOutcome[writes.Count];
        for (var i = 0; i < writes.Count; i++)
        {
            var (window, expected) = (writes[i].Window, writes[i].ExpectedVersion);
            if (random.NextDouble() < faults.PartialWrite)
            {
                continue;
            }

            if (writes[i].Life is { } life && life != PresentLife)
            {
                outcomes[i] = WriteOutcome.Refused;
                continue;
            }

            if (ChecksVersions && _windows.GetValueOrDefault(window.Id)?.RowVersion != expected)
            {
                outcomes[i] = WriteOutcome.Refused;
                Refused++;
                continue;
            }

            outcomes[i] = WriteOutcome.Written;
            var wasFinal = _windows.TryGetValue(window.Id, out var before) && before.IsFinal;
            _windows[window.Id] = window = WithSketches(window, before);
            Merges?.Written(window, wasFinal);
            if (window is { IsFinal: true, Latest: { } latest }
                && (!_latest.TryGetValue(window.Id.SensorId, out var known) || latest.IsAfter(known)))
            {
                _latest[window.Id.SensorId] = latest;
            }
        }

        await WaitAsync();
        Fail(faults.StoreFailure);
        return outcomes;
    }

    public IReadOnlyCollection<Refusal> RefusalsOf(SourceId source) =>
        _refusals.TryGetValue(source, out var refusals) ? refusals.Values : [];

    public Task<IReadOnlyList<Refusal>> ReadRefusalsAsync(SourceId source, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Refusal>>([.. RefusalsOf(source)]);

    public async Task<bool> WriteRefusalsAsync(
        SourceId source, IReadOnlyList<Refusal> refusals, IReadOnlyList<long> tokens, Guid life, CancellationToken cancellationToken)
    {
        await WaitAsync();
        Fail(faults.StoreFailure);
        if (life != ReadLife() || CheckpointOf(source) is not { } stored || !tokens.Contains(stored.Token))
        {
            return false;
        }

        if (!_refusals.TryGetValue(source, out var known))
        {
            _refusals.Add(source, known = []);
        }

        foreach (var refusal in refusals.Where(_ => KeepsRefusals))
        {
            known.TryAdd(refusal.Offset, refusal);
        }

        await WaitAsync();
        Fail(faults.StoreFailure);
        return true;
    }

    public async Task<bool> WriteCheckpointAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        await WaitAsync();
        Fail(faults.StoreFailure);
        var written = Replace(checkpoint);
        await WaitAsync();
        Fail(faults.StoreFailure);
        return written;
    }

    /// <summary>Writes a checkpoint at once and without a failure.</summary>
    public bool Replace(Checkpoint checkpoint)
    {
        var stored = CheckpointOf(checkpoint.Source);
        if (checkpoint.Life != ReadLife())
        {
            return false;
        }

        if (stored is null ? checkpoint.Replaces.Count > 0 : !checkpoint.Replaces.Contains(stored.Token))
        {
            return false;
        }

        _checkpoints[checkpoint.Source.WithoutIncarnation()] = checkpoint;
        if (checkpoint.RemovesRefusalsBelow is { } below && _refusals.TryGetValue(checkpoint.Source, out var refusals))
        {
            _refusals[checkpoint.Source] = refusals.Where(refusal => refusal.Key >= below).ToDictionary();
        }

        return true;
    }

    public Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken)
    {
        var from = _checkpoints.Count == 0 ? long.MinValue : _checkpoints.Values.Min(checkpoint => checkpoint.OpenFrom);
        return Task.FromResult<IReadOnlyList<OpenWindow>>(
            [.. _windows.Values.Where(window => (!window.IsFinal || window.IsDue) && window.Id.Start >= from)
                .Select(window => new OpenWindow(window.Id, window.Marks))]);
    }

    public Task<Checkpoint?> ReadCheckpointAsync(SourceId source, CancellationToken cancellationToken) =>
        Task.FromResult(CheckpointOf(source));

    public IAsyncEnumerable<WindowRow> QueryAsync(WindowQuery query, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SetPeriodAsync(Period period, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A write without sketches leaves those that are stored; they count if they have as many values.</summary>
    private static StoredWindow WithSketches(StoredWindow window, StoredWindow? before) => window with
    {
        Measurements =
        [
            .. window.Measurements.Select(measured => measured with
            {
                Sketch = measured.Sketch ?? before?.Measurements.Where(known => known.Measurement == measured.Measurement)
                    .Select(known => known.Sketch).SingleOrDefault(sketch => sketch?.Count == measured.Statistics.Count),
            }),
        ],
    };

    private async Task WaitAsync(int limit = 4)
    {
        for (var turns = random.Next(limit); turns > 0; turns--)
        {
            await scheduler.YieldAsync();
        }
    }

    private static Dictionary<SourceId, Dictionary<long, Refusal>> CopyOf(Dictionary<SourceId, Dictionary<long, Refusal>> refusals) =>
        refusals.ToDictionary(source => source.Key, source => new Dictionary<long, Refusal>(source.Value));

    private void Fail(double probability)
    {
        if (random.NextDouble() < probability)
        {
            throw new WindowStoreUnavailableException("The simulated store has failed.");
        }
    }

    private sealed record Backup(
        Dictionary<WindowId, StoredWindow> Windows,
        Dictionary<SourceId, Checkpoint> Checkpoints,
        Dictionary<int, ReadingOrder> Latest,
        Dictionary<SourceId, Dictionary<long, Refusal>> Refusals,
        Dictionary<string, int> Names,
        Dictionary<int, StoredMonitor>? Monitors,
        Dictionary<MergedWindowId, MergedWindow> Merged);
}
