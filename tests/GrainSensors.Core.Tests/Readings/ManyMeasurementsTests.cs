using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Readings;

/// <summary>More declared measurements than a reading usually has.</summary>
public sealed class ManyMeasurementsTests
{
    private const long Second = EpochTime.MicrosPerSecond;

    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(250)]
    public void Each_value_is_that_of_its_measurement(int count)
    {
        var parser = new ReadingParser(Measurements(count), new());
        double[] values = [.. Enumerable.Range(0, count).Select(i => i % 7 == 3 ? double.NaN : i + 0.5)];
        var writer = new ReadingWriter(Measurements(count));
        var buffer = new byte[writer.MaxLength];
        var sent = new Reading { SensorId = 7, Timestamp = Parsing.Now, Values = MeasurementValues.Of(values) };
        var message = buffer.AsSpan(0, writer.Write(sent, buffer));

        Assert.Equal(RejectReason.None, parser.Parse(message, Parsing.Now, out var reading));
        Assert.Equal(RejectReason.None, parser.ParseAny(message, null, out var other));

        Assert.Equal(values, Enumerable.Range(0, count).Select(i => reading.Values[i]));
        Assert.Equal(reading.Values.ToArray(), other.Values.ToArray());
        var batch = ReadingBatch.Of(reading);
        Assert.Equal(reading.Values.ToArray(), batch.ValuesOf(batch.Readings[0]).ToArray());
    }

    [Theory]
    [InlineData("\"m99\":1,\"m63\":2,\"m64\":3,\"m99\":4", "m63=2 m64=3 m99=4")]
    [InlineData("\"m99\":1,\"m64\":2,\"m99\":null", "m64=2")]
    [InlineData("\"m99\":1000,\"m64\":2,\"m99\":5", "m64=2 m99=5")]
    [InlineData("\"m64\":2,\"m99\":1000", "InvalidValue")]
    [InlineData("\"m1\":1000,\"m64\":2", "InvalidValue")]
    [InlineData("\"m64\":\"high\"", "InvalidValue")]
    public void The_last_value_of_a_measurement_counts_however_many_there_are(string members, string expected)
    {
        var parser = new ReadingParser(Measurements(100), new());
        var text = $"{{\"sensor_id\":7,\"timestamp\":{Parsing.Now / Second},{members}}}";

        var reason = parser.Parse(Encoding.UTF8.GetBytes(text), Parsing.Now, out var reading);

        Assert.Equal(expected, reason != RejectReason.None ? $"{reason}" : string.Join(
            ' ', reading.Values.ToArray().OrderBy(value => value.Measurement).Select(value => $"m{value.Measurement}={value.Value}")));
    }

    [Fact]
    public void Declared_measurements_leave_no_room_for_others_by_default_and_a_greater_limit_does()
    {
        Assert.Equal("64 values, 0 further", Take(new()));
        Assert.Equal("64 values, 1 further", Take(new() { MaxPerReading = 65 }));

        static string Take(DiscoveryRules discovery)
        {
            var catalog = new MeasurementCatalog(Measurements(64), discovery);
            catalog.Admit(["co2", "pressure"]);
            var members = string.Join(',', Enumerable.Range(0, 64).Select(i => $"\"m{i}\":{i}"));
            var text = $"{{\"sensor_id\":7,\"timestamp\":{Parsing.Now / Second},\"co2\":400,\"pressure\":1013,{members}}}";
            var values = new MessageValues();
            Assert.Equal(
                RejectReason.None,
                new ReadingParser(catalog, new()).Parse(Encoding.UTF8.GetBytes(text), Parsing.Now, null, values, out _));
            var further = values.All.ToArray().Count(value => value.Measurement >= 64);
            Assert.Equal(2 - further, values.Dropped);
            return $"{values.All.Length - further} values, {further} further";
        }
    }

    [Fact]
    public void A_hundred_values_are_parsed_without_allocation()
    {
        var (parser, values) = (new ReadingParser(Measurements(100), new()), new MessageValues());
        var members = string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"m{i}\":{i % 90}"));
        var message = Encoding.UTF8.GetBytes($"{{\"sensor_id\":7,\"timestamp\":{Parsing.Now / Second},{members}}}");
        Parse();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Parse();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Parse()
        {
            if (parser.Parse(message, Parsing.Now, null, values, out _) != RejectReason.None || values.All.Length != 100)
            {
                Assert.Fail("The message was not read.");
            }
        }
    }

    [Fact]
    public void A_sensor_is_watched_by_the_measurements_that_it_sends_also_after_a_restart()
    {
        var measurements = Measurements(20);
        var rules = new AlertRules(new(), [.. measurements.All.Select(_ => new ExtremeRule { High = 50, WarmUp = 1000 })]);
        var (watches, changes) = (new SensorWatches(measurements, rules), new List<AlertChange>());
        Observe(watches, 1, (17, 60), (9, 10));
        Observe(watches, 2, (17, 61), (9, 60));
        Assert.Equal([(17, AlertTransition.Raised), (9, AlertTransition.Raised)], changes.Select(Short));

        // Measurements are known by name: the loaded set has them at other places.
        var loaded = new SensorWatches(new(measurements.All.Reverse()), rules);
        loaded.Load(watches.ToBytes());
        changes.Clear();
        Observe(loaded, 3, (2, 20), (10, 20));

        Assert.Equal([(2, AlertTransition.Cleared), (10, AlertTransition.Cleared)], changes.Select(Short));
        Assert.Equal(default, loaded.Find(7)!.Values[0].Usual);

        static (int, AlertTransition) Short(AlertChange change) => (change.Measurement, change.Transition);

        void Observe(SensorWatches watches, long offset, params ReadOnlySpan<(int Measurement, double Value)> values)
        {
            var batch = new ReadingBatch();
            MeasuredValue[] all = [.. values.ToArray().Select(value => new MeasuredValue(value.Measurement, value.Value))];
            batch.Add(new BatchedReading { SensorId = 7, Offset = offset, Timestamp = offset * Second }, all);
            watches.Observe(
                new(Guid.NewGuid(), 0), batch, batch.Readings, Marks.None, ExactnessRules.Default, offset * Second, long.MaxValue, changes);
        }
    }

    private static MeasurementSet Measurements(int count) => new(Enumerable.Range(0, count).Select(i => new Measurement($"m{i}", 0, 300)));
}
