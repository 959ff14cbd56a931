using System.Globalization;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Alerts.Rules;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Alerts.Rules;

/// <summary>Sensors under rules as data, with readings in seconds. The alerts of built-in rules are left out.</summary>
internal sealed class RuledSensor
{
    public const int Id = 7;
    public const long Second = EpochTime.MicrosPerSecond;

    public static readonly MeasurementSet Measurements = MeasurementSet.Default;
    public static readonly AlertRules BuiltIn = new(new() { IsEnabled = false, Timeout = long.MaxValue / 4 }, [null, null]);

    private static readonly SourceId Source = new(new("0193a5c2-1111-7222-8333-444455556666"), 3);

    private SensorWatches _watches = New();
    private RuleSet _set = RuleSet.None;
    private long _offset;

    /// <param name="rules">Rules in JSON without the selector, which is that of the temperature, and without the id, which is warm.</param>
    public RuledSensor(params string[] rules) => Use(rules);

    public List<AlertChange> Changes { get; } = [];

    /// <summary>The second of the stream time before the next readings; NaN: it is not known.</summary>
    public double StreamTime { get; set; } = double.NaN;

    /// <summary>Transitions with their rule and second, such as <c>Raised warm 90</c>.</summary>
    public IEnumerable<string> Story => Changes.Select(Line);

    public SensorWatch? Watch => _watches.Find(Id);

    public SensorWatches Watches => _watches;

    public static WatchedRule Rule(string json) => Document(json).ToWatched(Measurements, null);

    /// <inheritdoc cref="RuledSensor(string[])"/>
    public static AlertRule Document(string json)
    {
        var text = json.Contains("selector", StringComparison.Ordinal)
            ? json
            : json.Insert(1, """ "selector":{"measurement":"temperature"}, """);
        using var document = JsonDocument.Parse(text);
        return RuleDocument.Parse(document.RootElement, Measurements, document.RootElement.TryGetProperty("id", out _) ? null : "warm");
    }

    /// <summary>Replaces the rules.</summary>
    /// <returns>Whether the state has changed.</returns>
    public bool Use(params string[] rules) => Use(SensorWatch.Never, rules);

    /// <param name="second">The time of the change.</param>
    public bool Use(double second, params string[] rules) => Use((long)(second * Second), rules);

    public void Read(double second, double temperature, double humidity = double.NaN, int sensor = Id) =>
        Observe([NewReading(second, temperature, humidity, sensor)]);

    /// <summary>Takes a reading each second.</summary>
    public void ReadEach(int from, params double[] temperatures)
    {
        foreach (var (i, temperature) in temperatures.Index())
        {
            Read(from + i, temperature);
        }
    }

    public Reading NewReading(double second, double temperature, double humidity = double.NaN, int sensor = Id)
    {
        var reading = new Reading
        {
            SensorId = sensor,
            Offset = _offset++,
            Timestamp = (long)(second * Second),
            Values = MeasurementValues.None,
        };
        (reading.Values[0], reading.Values[1]) = (temperature, humidity);
        return reading;
    }

    public void Observe(Reading[] readings)
    {
        var batch = ReadingBatch.Of([.. readings.OrderBy(reading => reading.SensorId).ThenBy(reading => reading.Offset)]);
        var streamTime = double.IsNaN(StreamTime) ? SensorWatch.Never : (long)(StreamTime * Second);
        _watches.Observe(Source, batch, batch.Readings, Marks.None, ExactnessRules.Default, streamTime, long.MaxValue, Changes);
        Changes.RemoveAll(change => change.Rule is null);
    }

    /// <summary>The stream time passes.</summary>
    public void Pass(double second) => _watches.Tick(Source, (long)(second * Second), Changes);

    /// <summary>Writes the state and reads it again.</summary>
    public void Restart() => Restart(_watches.ToBytes());

    public void Restart(byte[] bytes)
    {
        _watches = New();
        _watches.Load(bytes);
        _watches.UseRules(_set, SensorWatch.Never, Changes);
    }

    private static SensorWatches New() => new(Measurements, BuiltIn);

    private static string Line(AlertChange change) => string.Create(
        CultureInfo.InvariantCulture,
        $"{change.Transition} {change.Rule!.Id}{(change.SensorId == Id ? "" : $" of {change.SensorId}")} {(double)change.At / Second}");

    private bool Use(long at, string[] rules)
    {
        _set = new(rules.Select(Rule));
        return _watches.UseRules(_set, at, Changes);
    }
}
