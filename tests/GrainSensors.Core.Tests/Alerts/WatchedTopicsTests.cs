using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Alerts;

/// <summary>Sensors of a shard that come from many topics, each with its own stream time.</summary>
public sealed class WatchedTopicsTests
{
    private const long Second = EpochTime.MicrosPerSecond;

    private readonly Guid[] _topics = [.. Enumerable.Range(0, 100).Select(_ => Guid.NewGuid())];
    private readonly SensorWatches _watches = new(
        MeasurementSet.Default, new(new() { Timeout = 20 * Second, CoolDown = 60 * Second }, [new(), new()]));

    private readonly List<AlertChange> _changes = [];

    [Fact]
    public void The_clock_of_its_own_topic_decides_whether_a_sensor_is_silent()
    {
        for (var i = 0; i < _topics.Length; i++)
        {
            Observe(i, second: 0);
        }

        for (var i = 0; i < _topics.Length; i++)
        {
            _watches.Tick(SourceOf(i), (i % 2 == 0 ? 21 : 19) * Second, _changes);
        }

        Assert.Equal(Enumerable.Range(0, 100).Where(i => i % 2 == 0), _changes.Select(change => change.SensorId).Order());
    }

    [Fact]
    public void A_sensor_that_moves_to_another_topic_and_back_is_silent_once()
    {
        for (var i = 0; i < 1000; i++)
        {
            Observe(sensor: 7, topic: i % 100, second: i);
        }

        for (var i = 0; i < _topics.Length; i++)
        {
            _watches.Tick(SourceOf(i), 2000 * Second, _changes);
        }

        Assert.Single(_changes);
    }

    /// <summary>A topic that is gone reports no time, and would hold up the sensors that no topic delivers.</summary>
    [Fact]
    public void A_topic_that_is_read_no_longer_holds_nothing_up()
    {
        Observe(0, second: 0);
        _watches.Expect(500, 0);
        _watches.Tick(SourceOf(0), 1 * Second, _changes);
        _watches.Tick(SourceOf(1), 30 * Second, _changes);
        Assert.Empty(_changes);

        Assert.True(_watches.RetainTopics(new HashSet<Guid> { _topics[1] }, SourceOf(1)));
        _watches.Tick(SourceOf(1), 31 * Second, _changes);
        Assert.Equal([0, 500], _changes.Select(change => change.SensorId).Order());
    }

    /// <summary>Sensors of a topic with a backlog keep its clock, and are not silent by the clock of another one.</summary>
    [Fact]
    public void The_sensors_of_other_topics_keep_their_clocks_when_one_topic_is_gone()
    {
        Observe(0, second: 0);
        Observe(1, second: 0);
        Observe(2, second: 100);
        Assert.True(_watches.RetainTopics(new HashSet<Guid> { _topics[1], _topics[2] }, SourceOf(2)));
        _watches.Tick(SourceOf(1), 10 * Second, _changes);
        _watches.Tick(SourceOf(2), 110 * Second, _changes);
        Assert.Empty(_changes);

        _watches.Tick(SourceOf(1), 30 * Second, _changes);
        _watches.Tick(SourceOf(2), 115 * Second, _changes);
        Assert.Equal([0, 1], _changes.Select(change => change.SensorId).Order());
    }

    [Fact]
    public void As_long_as_it_is_not_known_which_topics_are_read_all_are()
    {
        Observe(0, second: 0);
        Assert.False(_watches.RetainTopics(null, SourceOf(1)));
        Assert.False(_watches.RetainTopics(new HashSet<Guid>(), SourceOf(1)));
        Assert.True(_watches.HasSensorsOf(SourceOf(0)));
    }

    private SourceId SourceOf(int topic) => new(_topics[topic], 0);

    private void Observe(int sensor, long second, int? topic = null)
    {
        var reading = new Reading { SensorId = sensor, Offset = second, Timestamp = second * Second, Values = MeasurementValues.None };
        reading.Values[0] = 20;
        var batch = ReadingBatch.Of(reading);
        _watches.Observe(
            SourceOf(topic ?? sensor), batch, batch.Readings, Marks.None, ExactnessRules.Default, second * Second, second * Second, []);
    }
}
