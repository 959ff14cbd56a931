using CsCheck;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Alerts;

/// <summary>State that is written and loaded again continues where it stood: a restart does not show in alerts.</summary>
public sealed class KeptStateTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly SourceId Source = new(new("0193a5c2-1111-7222-8333-444455556666"), 3);
    private static readonly SourceId Another = Source with { Partition = 4 };

    private static readonly AlertRules Rules = new(
        new() { Timeout = 20 * Second, CoolDown = 60 * Second },
        [
            new() { WarmUp = 10, DwellReadings = 3, DwellTime = 5 * Second, CoolDown = 30 * Second, LevelShiftAfter = 100 * Second },
            new() { WarmUp = 5, MinDeviation = 10, Low = 5, High = 95 },
        ]);

    private static readonly Gen<Reading[]> Readings = Gen.Select(
            Gen.Int[1, 3],
            Gen.Frequency((8, Gen.Int[0, 3]), (1, Gen.Int[15, 40]), (1, Gen.Int[-10, 0])),
            Gen.Frequency((8, Gen.Double[19, 21]), (4, Gen.Double[28, 31]), (1, Gen.Const(double.NaN))),
            Gen.Frequency((8, Gen.Double[45, 55]), (2, Gen.Double[0, 100]), (1, Gen.Const(double.NaN))))
        .Array[2, 200].Select(steps =>
        {
            var (second, offset) = (1000L, 0L);
            return Array.ConvertAll(steps, step => NewReading(step.Item1, offset++, second += step.Item2, step.Item3, step.Item4));
        });

    [Fact]
    public void A_restart_between_any_two_readings_changes_nothing() => Gen.Select(Readings, Gen.Int[0, 199]).Sample((readings, at) =>
    {
        var cut = at % readings.Length;
        var whole = new List<AlertChange>();
        Watch(New(), readings, whole);

        var halves = new List<AlertChange>();
        var before = New();
        Watch(before, readings[..cut], halves);
        Watch(Restart(before), readings[cut..], halves);

        Assert.Equal(whole, halves);
    });

    [Fact]
    public void A_dwell_that_has_begun_goes_on()
    {
        var (watches, changes) = (New(), new List<AlertChange>());
        Watch(watches, [.. Enumerable.Range(0, 20).Select(i => NewReading(1, i, i, 20, 50))], changes);
        Watch(watches, [.. Enumerable.Range(20, 3).Select(i => NewReading(1, i, i, 29, 50))], changes);
        Assert.Empty(changes);

        watches = Restart(watches);
        Watch(watches, [.. Enumerable.Range(23, 5).Select(i => NewReading(1, i, i, 29, 50))], changes);

        Assert.Equal((AlertTransition.Raised, 25 * Second), (Assert.Single(changes).Transition, changes[0].At));
    }

    [Fact]
    public void Silence_that_has_begun_goes_on_and_is_raised_once()
    {
        var (watches, changes) = (New(), new List<AlertChange>());
        Watch(watches, [NewReading(1, 0, 100, 20, 50)], changes);
        watches.Tick(Source, 115 * Second, changes);

        watches = Restart(watches);
        watches.Tick(Source, 119 * Second, changes);
        Assert.Empty(changes);
        watches.Tick(Source, 121 * Second, changes);
        watches = Restart(watches);
        watches.Tick(Source, 200 * Second, changes);

        Assert.Equal(120 * Second, Assert.Single(changes).At);
    }

    [Fact]
    public void One_that_waited_for_a_sensor_still_waits_and_knows_that_it_is_registered()
    {
        var (watches, changes) = (New(), new List<AlertChange>());
        watches.Tick(Another, 0, changes);
        Assert.True(watches.Expect(7, 100 * Second));

        watches = Restart(watches);
        Assert.False(watches.Expect(7, 500 * Second));
        watches.Tick(Another, 121 * Second, changes);
        Assert.Equal(120 * Second, Assert.Single(changes).At);

        watches = Restart(watches);
        Assert.True(watches.ForgetRemoved(_ => false, 130 * Second, changes));
        Assert.Equal((AlertTransition.Cleared, 130 * Second), (changes[^1].Transition, changes[^1].At));
        Assert.Equal(0, watches.Count);
    }

    [Fact]
    public void A_measurement_that_is_watched_no_more_leaves_the_others_as_they_were()
    {
        var watches = New();
        Watch(watches, [.. Enumerable.Range(0, 20).Select(i => NewReading(1, i, i, 20, 50))], []);
        var humidity = new MeasurementSet([Measurements[1]]);
        var narrower = new SensorWatches(humidity, new(Rules.Disconnection, [Rules.Extremes[1]]));
        narrower.Load(watches.ToBytes());

        Assert.Equal(50, narrower.Find(1)!.Values[0].Usual.Mean);
    }

    [Fact]
    public void What_was_written_is_written_over_while_it_fits_and_read_like_new()
    {
        var watches = New();
        var random = new Random(1);
        Watch(watches, [.. Enumerable.Range(0, 2000).Select(i => NewReading(i, i, i / 100, random.NextDouble(), random.NextDouble()))], []);
        var first = watches.ToBytes();
        var second = watches.ToBytes(new byte[first.Length * 33 / 32]);
        Watch(watches, [NewReading(2000, 2000, 20, 21, 51)], []);

        var third = watches.ToBytes(second);
        var tooShort = watches.ToBytes(first);
        var tooLong = watches.ToBytes(new byte[first.Length * 2]);

        var loaded = New();
        loaded.Load(third);
        Assert.Same(second, third);
        Assert.NotSame(first, tooShort);
        Assert.InRange(tooLong.Length, first.Length, first.Length * 1.1);
        Assert.Equal(watches.ToBytes(), loaded.ToBytes());
    }

    [Fact]
    public void A_state_of_version_1_goes_on()
    {
        // Sensor 7 has an open silence since 132 s, and a third occurrence of its extreme value that is open since 112 s.
        var bytes = Convert.FromBase64String(
            "AQILdGVtcGVyYXR1cmUIaHVtaWRpdHmA8OdqARABk6XCERFyIoMzRERVVWZmAwEOABsAAP+ziRMAAw0DAAAAAAAANEAAAAAAAAAAAICS9AGA474KgNHKCAcAAQA=");
        var watches = New();
        watches.Load(bytes);
        Assert.Equal(new AlertState(132 * Second, 132 * Second, 132 * Second, 1, true), watches.Find(7)!.Silence);
        Assert.Equal(new AlertState(101 * Second, 110 * Second, 110 * Second, 3, true), watches.Find(7)!.Values[0].Alert);

        var changes = new List<AlertChange>();
        Watch(Restart(watches), [NewReading(7, 6, 150, 20, 50)], changes);
        Assert.Equal(
            [(132 * Second, 150 * Second), (110 * Second, 150 * Second)], changes.Select(change => (change.LastRaisedAt, change.At)));
    }

    [Fact]
    public void What_is_cut_short_or_of_another_version_is_refused()
    {
        var watches = New();
        Watch(watches, [.. Enumerable.Range(0, 20).Select(i => NewReading(1, i, i, 20, 50))], []);
        var bytes = watches.ToBytes();

        Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.Throws<FormatException>(() => New().Load(bytes.AsSpan(..length))));
        Assert.Throws<FormatException>(() => New().Load([9, .. bytes.AsSpan(1..)]));
    }

    private static SensorWatches New() => new(Measurements, Rules);

    private static SensorWatches Restart(SensorWatches watches)
    {
        var loaded = New();
        loaded.Load(watches.ToBytes());
        return loaded;
    }

    private static void Watch(SensorWatches watches, Reading[] readings, List<AlertChange> changes)
    {
        foreach (var reading in readings)
        {
            var batch = ReadingBatch.Of(reading);
            watches.Observe(
                Source, batch, batch.Readings, Marks.None, ExactnessRules.Default, reading.Timestamp - Second, long.MaxValue, changes);
        }
    }

    private static Reading NewReading(int sensor, long offset, long second, double temperature, double humidity)
    {
        var reading = new Reading { SensorId = sensor, Offset = offset, Timestamp = second * Second, Values = MeasurementValues.None };
        (reading.Values[0], reading.Values[1]) = (temperature, humidity);
        return reading;
    }
}
