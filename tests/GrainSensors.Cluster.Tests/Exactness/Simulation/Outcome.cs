using GrainSensors.Core.Readings;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>Compares the rows at the end of a simulation with the readings of the log.</summary>
internal static class Outcome
{
    /// <returns>The first difference, or null.</returns>
    public static string? Compare(Schedule schedule, SimulatedStore store, IReadOnlySet<(int, long)> rejected, bool deduplicates)
    {
        Func<IEnumerable<TimedValue>, IEnumerable<TimedValue>> counted = deduplicates ? OncePerStep : readings => readings;
        RunningStatistics StatisticsOf(IEnumerable<TimedValue> readings) =>
            counted(readings).Aggregate(default(RunningStatistics), (all, reading) => all.Add(reading.Value));
        var (expected, lost) = (Numbered(schedule.Expected(rejected), store), Numbered(schedule.Lost(), store));
        foreach (var (key, readings) in expected)
        {
            if (MayBeLeftOut(key, store))
            {
                var held = store.Rows.GetValueOrDefault(key)?.Statistics.Count ?? 0;
                if (held <= readings.Count + (lost.GetValueOrDefault(key)?.Count ?? 0))
                {
                    continue;
                }

                return $"double: {key} holds {held} readings of {readings.Count}";
            }

            var ofLog = StatisticsOf(readings);
            if (store.Rows.GetValueOrDefault(key) is not { } row)
            {
                return $"lost: {key} has no row";
            }

            var got = row.Statistics;
            var want = lost.TryGetValue(key, out var values) && HoldsSomeOf(values, got, readings, StatisticsOf) ? got : ofLog;
            if (got.Count != want.Count)
            {
                return $"{(got.Count < want.Count ? "lost" : "double")}: {key} holds {got.Count} readings, not {want.Count}";
            }

            if (got.Min != want.Min || got.Max != want.Max || Math.Abs(got.Mean - want.Mean) > 1e-9)
            {
                return $"lost and double: {key} holds {got}, not {want}";
            }

            if (want == ofLog ? !HasSketchOf(row, counted(readings)) : row.Sketch?.Count != got.Count)
            {
                return $"sketch: {key} has one of {row.Sketch?.Count ?? 0} values";
            }

            if (want == ofLog ? row.Edges != EdgesOf(counted(readings)) : row.Edges is null)
            {
                return $"edges: {key} has {row.Edges}, not {EdgesOf(counted(readings))}";
            }

            if (!row.IsFinal)
            {
                return $"open: {key} is not final";
            }
        }

        var unexpected = store.Rows.Values.FirstOrDefault(row =>
            !expected.ContainsKey(row.Key) && !MayBeLeftOut(row.Key, store)
            && !(lost.TryGetValue(row.Key, out var values) && HoldsSomeOf(values, row.Statistics, [], StatisticsOf)));
        return unexpected is not null ? $"double: {unexpected.Key}"
            : store.Measurements is { AreAllTaken: false } ? null
            : CompareLatest(schedule, store, rejected);
    }

    /// <returns>Whether values of the row may be beyond the limit of measurements.</returns>
    private static bool MayBeLeftOut(WindowKey key, SimulatedStore store) =>
        store.Measurements is { AreAllTaken: false } && MeasurementSet.Default.IndexOf(key.Measurement) < 0;

    private static IEnumerable<TimedValue> OncePerStep(IEnumerable<TimedValue> readings) =>
        readings.GroupBy(reading => reading.Timestamp).Select(step => step.MinBy(reading => reading.Value));

    private static EdgeValues? EdgesOf(IEnumerable<TimedValue> readings) => readings.Aggregate(
        default(EdgeValues?),
        (edges, reading) => edges?.Add(reading.Timestamp, reading.Value) ?? EdgeValues.Of(reading.Timestamp, reading.Value));

    private static bool HasSketchOf(WindowRow row, IEnumerable<TimedValue> readings)
    {
        var want = new QuantileSketch();
        foreach (var reading in readings)
        {
            want.Add(reading.Value);
        }

        return row.Sketch?.ToBytes().AsSpan().SequenceEqual(want.ToBytes()) == true;
    }

    private static string? CompareLatest(Schedule schedule, SimulatedStore store, IReadOnlySet<(int, long)> rejected)
    {
        var lost = schedule.LostOrders();
        foreach (var (sensorId, want) in schedule.Latest(rejected))
        {
            var got = store.Latest.GetValueOrDefault(NumberOf(sensorId, store));
            if (got != want && !(got.IsAfter(want) && lost.Contains((sensorId, got))))
            {
                return $"latest: of sensor {sensorId} is {got}, not {want}";
            }
        }

        return null;
    }

    /// <returns>The rows with the numbers that the names have in the end; a name without one has no row.</returns>
    private static Dictionary<WindowKey, T> Numbered<T>(Dictionary<WindowKey, T> rows, SimulatedStore store) => store.Names is null
        ? rows
        : rows.ToDictionary(row => row.Key with { SensorId = NumberOf(row.Key.SensorId, store) }, row => row.Value);

    private static int NumberOf(int sensorId, SimulatedStore store) =>
        store.Names?.Numbers.GetValueOrDefault(Schedule.NameOf(sensorId), sensorId) ?? sensorId;

    /// <returns>Whether the row holds each reading of the log once, and some that the log has lost, each at most once.</returns>
    private static bool HoldsSomeOf(
        List<TimedValue> lost, RunningStatistics got, List<TimedValue> ofLog, Func<IEnumerable<TimedValue>, RunningStatistics> statisticsOf)
    {
        for (var some = 0; some < 1 << lost.Count; some++)
        {
            var with = statisticsOf(ofLog.Concat(lost.Where((_, i) => (some >> i & 1) == 1)));
            if (with.Count == got.Count && with.Min == got.Min && with.Max == got.Max && Math.Abs(with.Mean - got.Mean) < 1e-9)
            {
                return true;
            }
        }

        return false;
    }
}
