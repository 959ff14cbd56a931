using GrainSensors.Contracts.Sensors;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;

namespace GrainSensors.Cluster.Tests.Sensors;

/// <summary>Each test uses sensors of its own; all tests share the clock.</summary>
[Trait("Category", "System")]
public sealed class SensorGrainTests(SensorCluster cluster) : IClassFixture<SensorCluster>
{
    private static readonly Exception Outage = new ReadingNotPublishedException("Topic sensor-data: all brokers are down.");

    [Fact]
    public async Task A_simulated_sensor_reports_once_a_second_what_its_model_says()
    {
        const int Id = 10;
        await cluster.Sensor(Id).StartSimulation();
        for (var i = 0; i < 20; i++)
        {
            await cluster.PassSecondAsync(Id);
        }

        var readings = cluster.Publisher.Of(Id);
        Assert.Equal(20, readings.Length);
        Assert.All(
            readings.Zip(readings.Skip(1)),
            pair => Assert.Equal(EpochTime.MicrosPerSecond, pair.Second.Timestamp - pair.First.Timestamp));
        var model = new SimulatedSensor(Id, MeasurementSet.Default, new SimulationOptions().Seed);
        Assert.All(readings, r =>
        {
            var expected = model.ReadingAt(r.Timestamp);
            Assert.Equal((expected.Values[0], expected.Values[1]), (r.Values[0], r.Values[1]));
        });
        await cluster.Sensor(Id).StopSimulation();
    }

    [Fact]
    public async Task Started_twice_it_reports_no_more_often()
    {
        const int Id = 20;
        await cluster.Sensor(Id).StartSimulation();
        await cluster.Sensor(Id).StartSimulation();
        for (var i = 0; i < 5; i++)
        {
            await cluster.PassSecondAsync(Id);
        }

        Assert.Equal(5, cluster.Publisher.Of(Id).Length);
        await cluster.Sensor(Id).StopSimulation();
    }

    [Fact]
    public async Task Stopped_it_reports_nothing_and_goes_on_when_started_again()
    {
        const int Id = 30;
        const int Witness = 31;
        await cluster.Sensor(Id).StartSimulation();
        await cluster.Sensor(Witness).StartSimulation();
        await cluster.PassSecondAsync(Id);
        await cluster.Sensor(Id).StopSimulation();
        await cluster.Sensor(Id).StopSimulation();
        await cluster.Sensor(Witness).StartSimulation();
        var before = cluster.Publisher.AttemptsOf(Id);
        for (var i = 0; i < 3; i++)
        {
            await cluster.PassSecondAsync(Witness);
        }

        Assert.Equal(before, cluster.Publisher.AttemptsOf(Id));
        await cluster.Sensor(Id).StartSimulation();
        await cluster.PassSecondAsync(Id);
        Assert.Equal(before + 1, cluster.Publisher.AttemptsOf(Id));
        await cluster.Sensor(Id).StopSimulation();
        await cluster.Sensor(Witness).StopSimulation();
    }

    [Fact]
    public async Task An_outage_is_survived_and_logged_once()
    {
        const int Id = 40;
        const int Other = 41;
        await cluster.Sensor(Id).StartSimulation();
        await cluster.Sensor(Other).StartSimulation();
        await cluster.PassSecondAsync(Id);
        var logged = cluster.Log.Lines.Count;
        cluster.Publisher.Answer(Id, Task.FromException(Outage));
        cluster.Publisher.Answer(Other, Task.FromException(Outage));
        for (var i = 0; i < 5; i++)
        {
            await cluster.PassSecondAsync(Id);
        }

        Assert.Single(cluster.Publisher.Of(Id));
        Assert.Contains("all brokers are down", Assert.Single(cluster.Log.Lines.Skip(logged)), StringComparison.Ordinal);
        cluster.Publisher.Answer(Id, null);
        cluster.Publisher.Answer(Other, null);
        for (var i = 0; i < 7; i++)
        {
            await cluster.PassSecondAsync(Id);
        }

        Assert.Equal(8, cluster.Publisher.Of(Id).Length);
        Assert.Contains("published again", cluster.Log.Lines.Skip(logged).Last(), StringComparison.Ordinal);
        Assert.Equal(logged + 2, cluster.Log.Lines.Count);
        await cluster.Sensor(Id).StopSimulation();
        await cluster.Sensor(Other).StopSimulation();
    }

    [Fact]
    public async Task A_slow_log_piles_up_no_ticks_and_holds_up_no_other_call()
    {
        const int Id = 50;
        const int Witness = 51;
        await cluster.Sensor(Id).StartSimulation();
        await cluster.Sensor(Witness).StartSimulation();
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Publisher.Answer(Id, slow.Task);
        await cluster.PassSecondAsync(Id);
        await cluster.Sensor(Witness).StartSimulation();
        for (var i = 0; i < 5; i++)
        {
            await cluster.PassSecondAsync(Witness);
            await cluster.Sensor(Id).StartSimulation();
        }

        Assert.Equal(1, cluster.Publisher.AttemptsOf(Id));
        cluster.Publisher.Answer(Id, null);
        slow.SetResult();
        await cluster.Sensor(Id).StartSimulation();
        await Until.Async(
            () =>
            {
                cluster.Clock.Advance(TimeSpan.FromMilliseconds(100));
                return cluster.Publisher.Of(Id).Length >= 2;
            },
            () => $"{cluster.Publisher.Of(Id).Length} readings published",
            TimeSpan.FromSeconds(20));
        await cluster.Sensor(Id).StopSimulation();
        await cluster.Sensor(Witness).StopSimulation();
        Assert.Equal(cluster.Publisher.Of(Id).Length + 1, cluster.Publisher.AttemptsOf(Id));
    }

    [Fact]
    public async Task The_report_of_a_device_is_in_the_log_as_it_was_given()
    {
        const int Id = 60;
        var time = cluster.Clock.GetUtcNow().AddTicks(-12_345_678);
        await cluster.Sensor(Id).Report(new(time, new Dictionary<string, double?> { ["temperature"] = 21.53, ["humidity"] = null }));
        await cluster.Sensor(Id).Report(
            new(time.ToOffset(TimeSpan.FromHours(2)), new Dictionary<string, double?> { ["temperature"] = null, ["humidity"] = 60 }));
        await cluster.Sensor(Id).Report(new(time, new Dictionary<string, double?>()));
        var readings = cluster.Publisher.Of(Id);
        Assert.All(readings, r => Assert.Equal(EpochTime.From(time), r.Timestamp));
        Assert.Equal(
            [(21.53, double.NaN), (double.NaN, 60), (double.NaN, double.NaN)],
            readings.Select(r => (r.Values[0], r.Values[1])));
    }

    [Theory]
    [InlineData(
        "temperature", -273.16, "\"temperature\" must be a number from -273.15 to 10000, or null for a disconnected probe; got -273.16.")]
    [InlineData("temperature", double.NaN, "got NaN.")]
    [InlineData(
        "humidity",
        double.PositiveInfinity,
        "\"humidity\" must be a number from -100 to 200, or null for a disconnected probe; got Infinity.")]
    [InlineData("humidity", 200.1, "got 200.1.")]
    [InlineData("Temperature", 21.5, "The measurement \"Temperature\" is unknown; the measurements are temperature, humidity.")]
    [InlineData("sensor_id", 7, "The measurement \"sensor_id\" is unknown")]
    public async Task A_report_with_an_impossible_value_is_refused_by_name(string name, double value, string expected)
    {
        const int Id = 70;
        var e = await Assert.ThrowsAsync<ArgumentException>(() =>
            cluster.Sensor(Id).Report(new(cluster.Clock.GetUtcNow(), new Dictionary<string, double?> { [name] = value })));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Equal(0, cluster.Publisher.AttemptsOf(Id));
    }

    [Fact]
    public async Task A_report_from_an_impossible_time_is_refused()
    {
        const int Id = 80;
        var values = new Dictionary<string, double?> { ["temperature"] = 21.5 };
        DateTimeOffset[] times =
            [DateTimeOffset.MinValue, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, cluster.Clock.GetUtcNow().AddHours(24)];
        foreach (var time in times)
        {
            var e = await Assert.ThrowsAsync<ArgumentException>(() => cluster.Sensor(Id).Report(new(time, values)));
            Assert.Contains("\"timestamp\" must be a time from 2000-01-01T00:00:00Z to 20", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, cluster.Publisher.AttemptsOf(Id));
    }

    [Fact]
    public async Task A_report_of_nothing_is_refused()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => cluster.Sensor(90).Report(null!));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => cluster.Sensor(90).Report(new(cluster.Clock.GetUtcNow(), null!)));
    }

    [Fact]
    public async Task A_report_that_the_log_does_not_take_fails_and_the_next_one_does_not()
    {
        const int Id = 100;
        var report = new SensorReport(cluster.Clock.GetUtcNow(), new Dictionary<string, double?> { ["temperature"] = 21.5 });
        cluster.Publisher.Answer(Id, Task.FromException(Outage));
        var e = await Assert.ThrowsAsync<ReadingNotPublishedException>(() => cluster.Sensor(Id).Report(report));
        Assert.Equal(Outage.Message, e.Message);
        cluster.Publisher.Answer(Id, null);
        await cluster.Sensor(Id).Report(report);
        Assert.Single(cluster.Publisher.Of(Id));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue + 1L)]
    public async Task There_is_no_sensor_beyond_the_ids(long id)
    {
        var e = await Assert.ThrowsAnyAsync<Exception>(() => cluster.Sensor(id).StartSimulation());
        Assert.Contains($"got {id}.", e.ToString(), StringComparison.Ordinal);
    }
}
