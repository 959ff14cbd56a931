using GrainSensors.Core.Merging;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The rules of merging that a simulation may leave out.</summary>
internal sealed record Merging
{
    /// <summary>A merge is refused if a pane was written after its row version was read.</summary>
    public bool ComparesVersions { get; init; } = true;

    /// <summary>A late reading makes longer windows stale; if not, only the first close of a pane does.</summary>
    public bool MarksLatePanes { get; init; } = true;

    /// <summary>A row that becomes stale gets a new version.</summary>
    public bool GivesNewVersions { get; init; } = true;

    /// <summary>A pane and its marks are one transaction; if not, a crash comes between them.</summary>
    public bool MarksWithPane { get; init; } = true;

    /// <summary>A merge makes the windows stale that are merged from it.</summary>
    public bool MarksMerges { get; init; } = true;

    /// <summary>A merge is refused in another life of the store than that of its row version.</summary>
    public bool ComparesLives { get; init; } = true;

    /// <summary>The row versions are read before the panes.</summary>
    public bool ReadsVersionsFirst { get; init; } = true;
}

/// <summary>The longer windows of a <see cref="SimulatedStore"/>, and mergers that start at any time and fail at any point.</summary>
internal sealed class SimulatedMerges(StepScheduler scheduler, Random random, Faults faults, SimulatedStore store, Merging merging)
    : IMergedWindowStore
{
    private static readonly LongerPeriods Longer = new(
        Schedule.Period,
        [WindowPeriod.Parse("PT2M/PT1M"), WindowPeriod.Parse("P1D@Europe/Madrid"), WindowPeriod.Parse("P1M@Europe/Madrid")]);

    private readonly List<Task> _mergers = [];
    private Dictionary<MergedWindowId, MergedWindow> _rows = [];
    private string? _wrong;

    public Dictionary<MergedWindowId, MergedWindow> BackUp() => new(_rows);

    public void Restore(Dictionary<MergedWindowId, MergedWindow> rows) => _rows = new(rows);

    /// <summary>Makes the longer windows over a pane stale.</summary>
    public void Written(StoredWindow pane, bool wasFinal)
    {
        if (wasFinal && !merging.MarksLatePanes)
        {
            return;
        }

        Mark(pane.IsFinal ? Longer.Over(pane.Id) : []);
    }

    /// <summary>Starts a merger now and then. Windows are merged before their end, too, which must do no harm.</summary>
    public void Step()
    {
        if (random.Next(50) == 0)
        {
            _mergers.Add(MergeAsync());
        }
    }

    /// <summary>Lets all mergers end, merges what is stale, and compares the longer windows with their panes.</summary>
    /// <returns>The first difference, or null.</returns>
    public string? Finish()
    {
        while (_mergers.Exists(merger => !merger.IsCompleted) || _rows.Values.Any(row => row.IsStale))
        {
            if (_mergers.TrueForAll(merger => merger.IsCompleted))
            {
                _mergers.Add(MergeAsync());
            }

            if (!scheduler.IsIdle)
            {
                scheduler.RunOne();
            }
        }

        return _wrong
            ?? store.Windows.Where(pane => pane.IsFinal).SelectMany(pane => Longer.AllOver(pane.Id)).Where(id => !_rows.ContainsKey(id))
                .Select(id => $"stale: {id} has no row")
                .Concat(_rows.Values.Select(Compare)).FirstOrDefault(wrong => wrong is not null);
    }

    public async Task<IReadOnlyList<StaleWindow>> ReadStaleAsync(
        long endedBy, long waitFrom, MergedWindowId? after, int limit, CancellationToken cancellationToken)
    {
        await WaitAsync();
        var following = _rows.Values.OrderBy(row => Order(row.Id)).Where(row => after is null || Order(row.Id).CompareTo(Order(after)) > 0);
        var (stale, life) = (following.Where(row => row.IsStale && !IsWaiting(row)).Take(limit).ToList(), store.PresentLife);
        await WaitAsync();
        var panes = stale.ConvertAll(row => PanesOf(row.Id));
        await WaitAsync();

        // A version that is read after the panes may be that of a pane which is not among them.
        return
        [
            .. stale.Select((row, i) => new StaleWindow(
                row.Id, row.Source, IsChained(row.Id),
                (merging.ReadsVersionsFirst ? row : _rows.GetValueOrDefault(row.Id, row)).RowVersion, life, panes[i])),
        ];
    }

    public async Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowMerge> merges, CancellationToken cancellationToken)
    {
        await WaitAsync();
        var outcomes = new WriteOutcome[merges.Count];
        for (var i = 0; i < merges.Count; i++)
        {
            outcomes[i] = WriteOutcome.Refused;
            if (_rows.GetValueOrDefault(merges[i].Window.Id) is { } row
                && (row.RowVersion == merges[i].Window.RowVersion || !merging.ComparesVersions)
                && (store.PresentLife == merges[i].Window.Life || !merging.ComparesLives))
            {
                outcomes[i] = WriteOutcome.Written;
                var version = merging.GivesNewVersions ? merges[i].RowVersion : row.RowVersion;
                _rows[row.Id] = row = row with { Statistics = merges[i].Statistics, IsStale = false, IsFinal = true, RowVersion = version };
                _wrong ??= Compare(row);
                if (merging.MarksMerges)
                {
                    Mark(Longer.Over(row.Id));
                }
            }
        }

        await WaitAsync();
        return outcomes;
    }

    public Task<IReadOnlyList<MergedWindow>> ReadAsync(IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<LongerPeriods> ReadPeriodsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> TryRunAsync(Func<Task> merge, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<MergedWindow>> ReadDueAsync(int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task AnnouncedAsync(IReadOnlyList<MergedWindow> windows, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<StaleWindow>> ReadMergedAsync(
        IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<MergedWindowId>> MarkStaleAsync(
        IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) => throw new NotSupportedException();

    public LongerPeriods Periods => throw new NotSupportedException();

    public Task SetPeriodsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long?> ReadStreamTimeAsync(long since, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<MergedWindow> QueryAsync(
        IReadOnlyList<int>? sensorIds, WindowPeriod period, long from, long to, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private static (long, int, string) Order(MergedWindowId id) => (id.End, id.SensorId, id.Period.ToString());

    private static bool IsChained(MergedWindowId id) => Longer.All.Single(longer => longer.Period.Equals(id.Period)).IsChained;

    private void Mark(IEnumerable<MergedWindowId> windows)
    {
        foreach (var id in windows)
        {
            if (!merging.MarksWithPane && random.Next(10) == 0)
            {
                continue;
            }

            var source = Longer.All.Single(longer => longer.Period.Equals(id.Period)).Source;
            var row = _rows.GetValueOrDefault(id) ?? new(id, source, MergedStatistics.Of([]), 0, 0, false, false);
            _rows[id] = row with { IsStale = true, RowVersion = merging.GivesNewVersions ? random.NextInt64() : row.RowVersion };
        }
    }

    /// <summary>A window waits for those that it is merged from.</summary>
    private bool IsWaiting(MergedWindow row) =>
        IsChained(row.Id) && _rows.Values.Any(pane => pane.IsStale && Longer.Over(pane.Id).Contains(row.Id));

    private async Task MergeAsync()
    {
        try
        {
            await new WindowMerger(this, random.NextInt64).MergeAsync(long.MaxValue, long.MaxValue, CancellationToken.None);
        }
        catch (WindowStoreUnavailableException)
        {
            // Another merger takes over.
        }
    }

    /// <returns>How a row that is not stale differs from the merge of its panes.</returns>
    private string? Compare(MergedWindow row)
    {
        var want = MergedStatistics.Of(PanesOf(row.Id));
        var isMerged = row.Statistics.Measurements.Select(Comparable).SequenceEqual(want.Measurements.Select(Comparable))
            && row.Statistics.Latest == want.Latest;
        return row.IsStale || isMerged
            ? null
            : $"stale: {row.Id} holds {Text(row.Statistics)}, its panes {Text(want)}";
    }

    /// <returns>The measurement and the bytes of its sketch, which every pane has.</returns>
    private static (MeasuredStatistics, string) Comparable(MeasuredStatistics measured) =>
        (measured with { Sketch = null }, Convert.ToHexString(measured.Sketch?.ToBytes() ?? []));

    private List<WindowPane> PanesOf(MergedWindowId id) => IsChained(id)
        ? [
            .. _rows.Values.Where(row => row.IsFinal && Longer.Over(row.Id).Contains(id))
                .Select(row => new WindowPane(row.Id.Start, row.Statistics.Measurements, row.Statistics.Latest)),
        ]
        : [.. store.Windows.Where(window => window.IsFinal && Longer.Over(window.Id).Contains(id)).Select(WindowPane.Of)];

    private static string Text(MergedStatistics statistics) =>
        string.Join(", ", statistics.Measurements.Select(measured => $"{measured.Measurement} {measured.Statistics.Count}"));

    private async Task WaitAsync()
    {
        for (var turns = random.Next(4); turns > 0; turns--)
        {
            await scheduler.YieldAsync();
        }

        if (random.NextDouble() < faults.StoreFailure)
        {
            throw new WindowStoreUnavailableException("The simulated store has failed.");
        }
    }
}
