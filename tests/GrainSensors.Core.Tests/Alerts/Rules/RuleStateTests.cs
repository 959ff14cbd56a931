using System.IO.Compression;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Alerts.Rules;

/// <summary>The versions of the state: a state without rules as data is the same as before them.</summary>
public sealed class RuleStateTests
{
    private const string Warm = """{"kind":"threshold","above":30,"dwell_readings":2,"cool_down":"0s"}""";

    /// <summary>The state of version 4 of <see cref="Fill"/>, as the program before rules as data wrote it.</summary>
    private const string BeforeRules =
        "BGZw2gGDaoACC3RlbXBlcmF0dXJlCGh1bWlkaXR5C3RlbXBlcmF0dXJlgN+YJQEQAZOlwhERciKDM0REVVVmZgMDDgALAAADDYCb7gIBAAEOABAAC4CS9AEA"
        + "AQ0AAQ0AEgALgIl6AAENAAENAABAP0AAQABAP0AAQD9AADX/VgBJADb+SQA1/kkA2JGAAAAAE54AAOyeAACdQgAAAACx1wAATqkAAIlqAAAAADt5AADETgAA"
        + "2JwAAAAAE/gAAOwfAACdNgAAAACxBQAAToUAAIlZAAAAADw2AADFIQAAAw==";

    /// <summary>The state of version 6 of open alerts of <see cref="OfBefore"/>, as the program before windows of rules wrote it.</summary>
    private const string BeforeWindows =
        "BqYBGLgBg14AAICqqqrqn8TUYAcwcAPww8kPVz9c7GCHkwMY3A1gcbeDAhiom4GD3xTADzf3w9kvVwMHBwP3q5/taoerXx0cdHBjvOPxhGEAGIYBBhtjjh3a"
        + "jrivdVebsh9Mrdyq1J0nXgZ3X3ZHX3BPpdEqq52v/AaHQbdV25/t67eWldzuzzQ1m8s2z4uiaZQkxJDYeQpB2XkKAwcE///++IXuYK9fATUp4tlljAS3ZYwisoxs"
        + "h30AAAAADA==";

    private static readonly string[] OfBefore =
    [
        """{"kind":"threshold","above":30,"cool_down":"0s"}""",
        """{"id":"gaps","kind":"missing","per":"10s","least":5,"cool_down":"0s","selector":{}}""",
        """{"id":"damp","kind":"expression","expression":"temperature > 30 && humidity > 70","selector":{}}""",
    ];

    [Fact]
    public void A_state_of_the_version_before_windows_goes_on_and_is_of_the_next_version_once_there_is_a_window()
    {
        var sensor = new RuledSensor(OfBefore);
        var before = Convert.FromBase64String(BeforeWindows);
        sensor.Restart(before);
        Assert.Empty(sensor.Changes);
        Assert.Equal(Plain(before), Plain(sensor.Watches.ToBytes()));

        sensor.Use([.. OfBefore, """{"id":"mean","kind":"window","per":"10s","statistic":"p50","above":30}"""]);
        Assert.Equal(6, sensor.Watches.ToBytes()[0]);
        foreach (var second in (double[])[23, 24, 25, 31, 41])
        {
            sensor.Read(second, 31, 75);
        }

        Assert.Equal(["Cleared gaps 30", "Raised gaps 40", "Raised mean 40"], sensor.Story);
        Assert.Equal(7, sensor.Watches.ToBytes()[0]);
    }

    [Fact]
    public void A_state_without_rules_is_written_byte_for_byte_as_before()
    {
        var watches = Fill();
        Assert.Equal(Plain(Convert.FromBase64String(BeforeRules)), Plain(watches.ToBytes()));

        watches.UseRules(new([RuledSensor.Rule(Warm)]), SensorWatch.Never, []);
        Assert.Equal(Plain(Convert.FromBase64String(BeforeRules)), Plain(watches.ToBytes()));
    }

    [Fact]
    public void A_state_of_the_version_before_goes_on_under_rules()
    {
        var watches = New();
        watches.Load(Convert.FromBase64String(BeforeRules));
        Assert.Equal(Plain(Convert.FromBase64String(BeforeRules)), Plain(watches.ToBytes()));
        Assert.Equal(3, watches.Count);

        var changes = new List<AlertChange>();
        watches.UseRules(new([RuledSensor.Rule(Warm)]), SensorWatch.Never, changes);
        Read(watches, 7, 50, 35, changes);
        Read(watches, 7, 51, 35, changes);
        Assert.Equal("warm", Assert.Single(changes, change => change.Rule is not null).Rule!.Id);
        Assert.Equal(5, watches.ToBytes()[0]);
    }

    [Fact]
    public void A_state_with_rules_is_read_back_with_dwell_alerts_and_memory()
    {
        var sensor = new RuledSensor(
            Warm,
            """{"id":"fast","kind":"rate","change":3,"per":"10s"}""",
            """{"id":"stuck","kind":"stuck","for":"5s","warm_up":"0s"}""");
        sensor.ReadEach(0, 20, 31, 32, 20, 33);
        var before = sensor.Watches.ToBytes();
        sensor.Restart();
        Assert.Equal(5, before[0]);
        Assert.Equal(before, sensor.Watches.ToBytes());
        sensor.Read(5, 33);
        Assert.Equal("Raised warm 5", sensor.Story.Last());
    }

    [Fact]
    public void A_change_carries_the_rules_of_its_sensors_only()
    {
        var sensor = new RuledSensor(Warm);
        sensor.Read(0, 20, sensor: 1);
        sensor.Watches.BeginWrite(all: true, ExactnessRules.Default);
        sensor.Watches.EndWrite();
        Assert.Equal(4, sensor.Watches.BeginWrite(all: false, ExactnessRules.Default)[0]);
        sensor.Read(0, 31);
        Assert.Equal(5, sensor.Watches.BeginWrite(all: false, ExactnessRules.Default)[0]);
    }

    [Fact]
    public void When_the_last_rule_has_gone_the_state_is_of_the_version_before()
    {
        var sensor = new RuledSensor(Warm);
        sensor.ReadEach(0, 31, 31);
        Assert.Equal(5, sensor.Watches.ToBytes()[0]);
        sensor.Use();
        Assert.Equal(4, sensor.Watches.ToBytes()[0]);
    }

    [Fact]
    public void A_rule_that_went_while_no_program_ran_is_cleared_at_the_last_reading()
    {
        var sensor = new RuledSensor(Warm);
        sensor.ReadEach(0, 31, 31, 32);
        var loaded = New();
        loaded.Load(sensor.Watches.ToBytes());
        var changes = new List<AlertChange>();
        Assert.True(loaded.UseRules(RuleSet.None, SensorWatch.Never, changes));
        Assert.Equal((AlertTransition.Cleared, 2 * RuledSensor.Second), (Assert.Single(changes).Transition, changes[0].At));
    }

    [Fact]
    public void The_state_of_a_rule_on_a_measurement_that_is_no_longer_declared_is_left_out()
    {
        var sensor = new RuledSensor(
            """{"kind":"threshold","above":60,"selector":{"measurement":"humidity"}}""",
            """{"id":"hot","kind":"threshold","above":30}""");
        sensor.Read(0, 31, 61);
        var narrower = new SensorWatches(new([RuledSensor.Measurements[0]]), new(RuledSensor.BuiltIn.Disconnection, [null]));
        narrower.Load(sensor.Watches.ToBytes());
        Assert.True(narrower.Find(RuledSensor.Id)!.Rules.Find(new("hot", AlertKind.Threshold, 0, default))!.Value.Alert.IsOpen);
        Assert.Null(narrower.Find(RuledSensor.Id)!.Rules.Find(new("warm", AlertKind.Threshold, -1, default)));
    }

    [Fact]
    public void A_state_that_is_cut_short_or_of_a_later_version_is_refused()
    {
        var sensor = new RuledSensor(Warm);
        sensor.ReadEach(0, 31, 31);
        var bytes = sensor.Watches.ToBytes();
        Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.Throws<FormatException>(() => New().Load(bytes.AsSpan(..length))));
        var refused = Assert.Throws<FormatException>(() => New().Load([8, .. bytes.AsSpan(1..)]));
        Assert.Contains("has format version 8; this release reads versions 1 to 7.", refused.Message, StringComparison.Ordinal);
    }

    /// <returns>Version and content. The compressed bytes may depend on the runtime.</returns>
    private static byte[] Plain(byte[] state)
    {
        var at = 1;
        for (var parts = 0; parts < 3; parts += state[at++] < 0x80 ? 1 : 0)
        {
        }

        var plain = new byte[64 * 1024];
        Assert.True(BrotliDecoder.TryDecompress(state.AsSpan(at), plain, out var length));
        return [state[0], .. plain.AsSpan(..length)];
    }

    private static SensorWatches New() => new(RuledSensor.Measurements, AlertRules.Default(RuledSensor.Measurements));

    private static SensorWatches Fill()
    {
        var watches = New();
        for (var i = 0; i < 40; i++)
        {
            Read(watches, 7 + (i % 3), i, i == 39 ? 90 : 20 + (i % 5), []);
        }

        return watches;
    }

    private static void Read(SensorWatches watches, int sensor, long second, double temperature, List<AlertChange> changes)
    {
        var reading = new Reading
        {
            SensorId = sensor,
            Offset = second,
            Timestamp = second * RuledSensor.Second,
            Values = MeasurementValues.None,
        };
        (reading.Values[0], reading.Values[1]) = (temperature, 50);
        var batch = ReadingBatch.Of(reading);
        watches.Observe(
            new(new("0193a5c2-1111-7222-8333-444455556666"), 3), batch, batch.Readings, Marks.None, ExactnessRules.Default,
            reading.Timestamp, long.MaxValue, changes);
    }
}
