using System.Text;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Tests.Shared;

/// <summary>Readings that a test produces, and the windows that they must come to, computed the plain way.</summary>
internal sealed class Readings(Period period, int seed)
{
    private readonly Dictionary<WindowKey, RunningStatistics> _expected = [];
    private readonly Random _random = new(seed);

    public Dictionary<WindowKey, RunningStatistics> Expected => _expected;

    /// <summary>A temperature; it counts for the expected windows.</summary>
    /// <param name="timestamp">µs since the epoch.</param>
    /// <returns>The contract JSON.</returns>
    public byte[] Next(int sensorId, long timestamp)
    {
        var value = Math.Round(_random.NextDouble() * 40, 2);
        Expect(sensorId, "temperature", timestamp, value);
        return Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $"{{\"sensor_id\":{sensorId},\"timestamp\":{(decimal)timestamp / EpochTime.MicrosPerSecond},\"temperature\":{value}}}"));
    }

    /// <summary>A value that the test produces by itself counts for the expected windows.</summary>
    public void Expect(int sensorId, string metric, long timestamp, double value)
    {
        var window = period.StartOf(timestamp);
        var key = new WindowKey(sensorId, metric, period, window);
        _expected[key] = _expected.GetValueOrDefault(key).Add(value);
    }

    /// <returns>How many readings the rows lack, and how many they have too many.</returns>
    public (long Lost, long Double) Compare(Dictionary<WindowKey, WindowRow> rows)
    {
        var differences = _expected.Keys.Union(rows.Keys)
            .Select(key => (rows.TryGetValue(key, out var row) ? row.Statistics.Count : 0) - _expected.GetValueOrDefault(key).Count)
            .ToList();
        return (-differences.Where(difference => difference < 0).Sum(), differences.Where(difference => difference > 0).Sum());
    }

    /// <summary>The rows are the expected windows, each with each of its readings once.</summary>
    /// <param name="final">And every one is closed.</param>
    public void AssertExact(Dictionary<WindowKey, WindowRow> rows, bool final = true)
    {
        var wrong = _expected.Keys.Union(rows.Keys)
            .Where(key => _expected.GetValueOrDefault(key).Count != (rows.TryGetValue(key, out var row) ? row.Statistics.Count : 0))
            .OrderBy(key => (key.SensorId, key.Start))
            .Select(key => $"{key}: {(rows.TryGetValue(key, out var row) ? row.Statistics.Count : 0)} of "
                + $"{_expected.GetValueOrDefault(key).Count} readings")
            .ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} windows of {_expected.Count} differ:\n{string.Join('\n', wrong.Take(5))}");
        Assert.All(_expected, pair =>
        {
            var (want, row) = (pair.Value, rows[pair.Key]);
            var got = row.Statistics;
            Assert.Equal((want.Count, want.Min, want.Max), (got.Count, got.Min, got.Max));
            Assert.Equal(want.Mean, got.Mean, Tolerance(want.Mean));
            Assert.Equal(want.PopulationStandardDeviation, got.PopulationStandardDeviation, Tolerance(want.PopulationStandardDeviation));
            Assert.True(row.IsFinal || !final, $"{pair.Key} is not final");
        });
    }

    private static double Tolerance(double value) => 1e-9 * Math.Max(1, Math.Abs(value));
}
