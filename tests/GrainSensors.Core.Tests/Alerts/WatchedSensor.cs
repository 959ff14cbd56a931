using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Tests.Alerts;

/// <summary>A watched sensor, its readings in seconds and °C, and the transitions of its alerts.</summary>
internal sealed class WatchedSensor(AlertRules? rules = null)
{
    public const int Id = 7;

    private readonly SensorWatch _watch = new(Id, MeasurementSet.Default.Count);
    private readonly AlertRules _rules = rules ?? AlertRules.Default(MeasurementSet.Default);
    private readonly List<AlertChange> _changes = [];
    private long _streamTime = long.MinValue;

    public SensorWatch Watch => _watch;

    /// <summary>The wall clock, in seconds.</summary>
    public double Now { get; set; } = double.PositiveInfinity;

    public IReadOnlyList<AlertChange> Changes => _changes;

    /// <summary>Transitions with their seconds, such as <c>Raised 90</c>.</summary>
    public IEnumerable<string> Story => _changes.Select(change => $"{change.Transition} {(double)change.At / EpochTime.MicrosPerSecond}");

    public static AlertRules Extremes(ExtremeRule rule) => new(new() { Timeout = long.MaxValue / 4 }, [rule, null]);

    public static WatchedSensor New(ExtremeRule rule) => new(Extremes(rule));

    /// <returns>A sensor with a baseline of 20 °C over 100 s.</returns>
    public static WatchedSensor Warm(ExtremeRule? rule = null)
    {
        var sensor = New(rule ?? new ExtremeRule());
        sensor.ReadCalm(0, 100);
        return sensor;
    }

    /// <param name="temperature">The value in °C; NaN for null.</param>
    public void Read(double second, double temperature, double humidity = double.NaN)
    {
        var reading = new Reading { SensorId = Id, Timestamp = Micros(second), Values = MeasurementValues.None };
        (reading.Values[0], reading.Values[1]) = (temperature, humidity);
        var now = double.IsInfinity(Now) ? long.MaxValue : Micros(Now);
        var batch = ReadingBatch.Of(reading);
        _watch.Observe(batch.Readings[0], batch.ValuesOf(batch.Readings[0]), _streamTime, now, _rules, _changes);
        _streamTime = Math.Max(_streamTime, Math.Min(now, reading.Timestamp));
    }

    /// <summary>Adds one usual reading per second: about 20 °C.</summary>
    /// <returns>The second after the last reading.</returns>
    public int ReadCalm(int from, int count, double temperature = 20)
    {
        for (var second = from; second < from + count; second++)
        {
            Read(second, temperature + (0.1 * (second % 3)));
        }

        return from + count;
    }

    /// <summary>Advances stream time without a reading of this sensor.</summary>
    public void Pass(double second)
    {
        _streamTime = Math.Max(_streamTime, Micros(second));
        _watch.CheckSilence(_streamTime, _rules, _changes);
    }

    private static long Micros(double second) => (long)(second * EpochTime.MicrosPerSecond);
}
