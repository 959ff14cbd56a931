using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Reconciliation.Filling;

/// <summary>Writes rows with what was missing, on the condition that they still have the statistics that were compared.</summary>
/// <remarks>
/// The write is that of the stream: it names the row version that was read, gives the row another one, and makes the longer windows over
/// it stale in the same transaction. A grain that holds the window finds the other version, drops its state and loads the row: with its
/// own copy it would count on without the new statistic, and a value that replaces another one would leave a wrong one behind.
/// </remarks>
internal sealed class FilledRows(IStore store, KeptStatistics kept)
{
    /// <param name="confirmed">Rows of one period with recomputed windows, each measurement of a window once.</param>
    /// <returns>For each of them, by index, why the row is not filled; null: it is.</returns>
    public async Task<UnfilledReason?[]> WriteAsync(IReadOnlyList<WindowPairs.Pair> confirmed, CancellationToken cancellationToken)
    {
        // Silos may have got a period of their own since, over which the windows lie.
        await store.MergedWindows.ReadPeriodsAsync(cancellationToken);
        var pairs = confirmed.ToLookup(pair => pair.Key.Window);
        var settled = (await store.ReadAsync([.. pairs.Select(window => window.Key)], cancellationToken))
            .Where(window => window is { IsFinal: true, IsDue: false }).ToDictionary(window => window.Id);
        var life = store.Life;
        var writes = new List<WindowWrite>();
        foreach (var window in settled.Values)
        {
            var recomputed = pairs[window.Id].Where(pair => IsAsCompared(pair, window))
                .ToDictionary(pair => pair.Key.Measurement, pair => pair.Recomputed!);
            MeasuredStatistics[] filled =
            [
                .. window.Measurements.Select(measured =>
                    recomputed.TryGetValue(measured.Measurement, out var found) ? kept.Fill(measured, found) : measured),
            ];
            if (!filled.SequenceEqual(window.Measurements))
            {
                writes.Add(new(
                    window with { RowVersion = Random.Shared.NextInt64(), CorrectedBy = null, Measurements = filled },
                    window.RowVersion,
                    life));
            }
        }

        var outcomes = writes.Count == 0 ? [] : await store.WriteAsync(writes, cancellationToken);
        for (var i = 0; i < writes.Count; i++)
        {
            settled.Remove(writes[i].Window.Id);
            if (outcomes[i] == WriteOutcome.Written)
            {
                settled.Add(writes[i].Window.Id, writes[i].Window);
            }
        }

        return [.. confirmed.Select(pair => ReasonOf(pair, settled.GetValueOrDefault(pair.Key.Window)))];
    }

    private static UnfilledReason? ReasonOf(WindowPairs.Pair pair, StoredWindow? window) =>
        window is null || !IsAsCompared(pair, window) ? UnfilledReason.Changed
        : window.Measurements.Any(measured => measured.Measurement == pair.Key.Measurement && measured.Edges is null)
            ? UnfilledReason.OtherSteps
            : null;

    /// <summary>
    /// Whether the measurement has the statistics of the comparison. Its row version may be another one: this run, or a reading of another
    /// measurement, has written the window since.
    /// </summary>
    private static bool IsAsCompared(WindowPairs.Pair pair, StoredWindow window) => window.Measurements.Any(
        measured => measured.Measurement == pair.Key.Measurement && measured.Statistics == pair.Stored!.Statistics);
}
