using CsCheck;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Expressions;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Alerts;

/// <summary>A state and the changes that were written after it yield the state of the last write.</summary>
public sealed class WrittenChangesTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private const int Sensors = 12;
    private static readonly MeasurementSet Measurements = MeasurementSet.Default;

    private static readonly AlertRules Rules = new(
        new() { Timeout = 20 * Second, CoolDown = 60 * Second },
        [new() { WarmUp = 3 }, new() { WarmUp = 5, MinDeviation = 10, High = 95 }]);

    /// <summary>Rules as data, of which any can be in force. Two of them share an id.</summary>
    private static readonly WatchedRule[] Data =
    [
        new(new("a", AlertKind.Threshold, 0, AlertLevel.Warning), new ThresholdCondition { High = 50 }) { DwellReadings = 2 },
        new(new("a", AlertKind.Threshold, 1, AlertLevel.Error), new ThresholdCondition { Low = 30, Hysteresis = 5 }),
        new(
            new("b", AlertKind.Rate, 0, AlertLevel.Warning),
            new RateCondition { Change = 30, Per = 60 * Second, MinInterval = 3 * Second }),
        new(new("c", AlertKind.Stuck, 1, AlertLevel.Warning), new StuckCondition { For = 10 * Second, WarmUp = 0, Tolerance = 20 }),
        new(
            new("d", AlertKind.Expression, 1, AlertLevel.Warning),
            new ExpressionCondition(MeasurementExpression.Parse("humidity - temperature > 30", Measurements)) { MaxAge = 5 * Second }),
        new(
            new("e", AlertKind.Disconnected, AlertChange.WholeSensor, AlertLevel.Error),
            new DisconnectedCondition { Minimum = 5 * Second }),
        new(new("f", AlertKind.Missing, AlertChange.WholeSensor, AlertLevel.Warning), new MissingCondition { Per = 10 * Second }),
    ];

    [Fact]
    public void Whatever_changes_and_fails_the_written_state_is_that_of_the_last_write() =>
        Gen.Int[0, int.MaxValue].Sample(seed => Assert.Null(new Run(seed, ExactnessRules.Default).FirstDifference()), iter: 2_000);

    [Fact]
    public void Without_the_changes_of_a_write_that_failed_it_is_another() =>
        Assert.Contains(Enumerable.Range(0, 100), seed => new Run(seed, new ForgetsChanges()).FirstDifference() is not null);

    [Fact]
    public void A_change_is_as_long_as_the_sensors_that_have_changed()
    {
        var watches = new SensorWatches(Measurements, Rules);
        var random = new Random(1);
        Observe(watches, new(Guid.NewGuid(), 0), [.. Enumerable.Range(0, 1000)], 0, random);
        var all = watches.BeginWrite(all: true, ExactnessRules.Default);
        Assert.Equal(1000, watches.Unwritten);
        watches.EndWrite();
        Assert.Equal(0, watches.Unwritten);

        watches.RetainTopics(new HashSet<Guid> { Guid.Empty }, new(Guid.Empty, 0));
        Assert.True(watches.MustWriteAll, "Sensors of a topic that is gone have no source any more.");
        watches.BeginWrite(all: true, ExactnessRules.Default);
        watches.EndWrite();
        Assert.False(watches.MustWriteAll);

        watches.Tick(new(Guid.Empty, 0), 0, []);
        watches.BeginWrite(all: true, ExactnessRules.Default);
        watches.EndWrite();
        Observe(watches, new(Guid.Empty, 0), [3, 5], 2, random);
        Observe(watches, new(Guid.Empty, 0), [5], 3, random);
        Assert.Equal(2, watches.Unwritten);
        Assert.InRange(watches.BeginWrite(all: false, ExactnessRules.Default).Length, 1, all.Length / 50);
    }

    private static void Observe(SensorWatches watches, SourceId source, int[] sensors, long second, Random random)
    {
        var readings = Array.ConvertAll(sensors, sensor =>
        {
            var reading = new Reading { SensorId = sensor, Offset = second, Timestamp = second * Second, Values = MeasurementValues.None };
            reading.Values[0] = random.Next(5) == 0 ? double.NaN : 20 + (random.Next(10) == 0 ? 50 : random.NextDouble());
            reading.Values[1] = random.Next(5) == 0 ? double.NaN : random.NextDouble() * 100;
            return reading;
        });
        var batch = ReadingBatch.Of(readings);
        watches.Observe(source, batch, batch.Readings, Marks.None, ExactnessRules.Default, second * Second, long.MaxValue, []);
    }

    private sealed class ForgetsChanges : ExactnessRules
    {
        public override bool KeepsChangesUntilWritten => false;
    }

    /// <summary>A shard in which anything happens at any time, also during a write.</summary>
    private sealed class Run(int seed, ExactnessRules exactness)
    {
        private readonly Random _random = new(seed);
        private readonly SensorWatches _watches = new(Measurements, Rules);
        private readonly List<byte[]> _changes = [];
        private byte[]? _all;
        private Guid _topic = Guid.NewGuid();
        private long _second;

        public string? FirstDifference()
        {
            for (var write = 0; write < 12; write++)
            {
                Change();
                var isAll = _all is null || _watches.MustWriteAll || _random.Next(5) == 0;
                var expected = Dump(_watches.ToBytes(), []);
                var bytes = _watches.BeginWrite(isAll, exactness);
                Change();
                if (_random.Next(3) == 0)
                {
                    continue; // the write fails
                }

                _watches.EndWrite();
                if (isAll)
                {
                    _all = bytes;
                    _changes.Clear();
                }
                else
                {
                    _changes.Add(bytes);
                }

                var loaded = new SensorWatches(Measurements, Rules);
                loaded.Load(_all, _changes);
                if (!expected.AsSpan().SequenceEqual(Dump(loaded.ToBytes(), [])) || !expected.AsSpan().SequenceEqual(Dump(_all!, _changes)))
                {
                    return $"Seed {seed}: after write {write}, {(isAll ? "of all" : $"change {_changes.Count}")}";
                }
            }

            return null;
        }

        private void Change()
        {
            for (var i = _random.Next(6); i > 0; i--)
            {
                var sensor = _random.Next(Sensors);
                _second += _random.Next(15);
                switch (_random.Next(13))
                {
                    case 0:
                        _watches.Tick(Source(), _second * Second, []);
                        break;
                    case 1:
                        _watches.Expect(sensor, _second * Second);
                        break;
                    case 2:
                        _watches.ForgetRemoved(id => id != sensor, _second * Second, []);
                        break;
                    case 3:
                        _watches.Forget(sensor, (_second - _random.Next(20)) * Second);
                        _watches.ApplyForgotten(sensor, []);
                        break;
                    case 4:
                        var rule = _random.Next(2) == 0 ? null : Data[_random.Next(Data.Length)].Key;
                        _watches.CountAtLeast(sensor, _random.Next(-1, 2), rule, _random.Next(5));
                        break;
                    case 6 when _random.Next(3) == 0:
                        var rules = Data.Where(_ => _random.Next(3) > 0).DistinctBy(kept => kept.Key.Id);
                        _watches.UseRules(new(rules), _second * Second, []);
                        break;
                    case 5 when _random.Next(4) == 0:
                        _topic = Guid.NewGuid();
                        _watches.RetainTopics(new HashSet<Guid> { _topic }, new(_topic, 0));
                        break;
                    default:
                        Observe(_watches, Source(), [sensor], _second, _random);
                        break;
                }
            }
        }

        private SourceId Source() => new(_topic, _random.Next(3));

        /// <returns>Sources and sensors, in the order of their ids.</returns>
        private static byte[] Dump(byte[] all, List<byte[]> changes)
        {
            var sources = new List<WatchedSource>();
            var sensors = new SortedDictionary<int, WatchedEntry>();
            foreach (var part in (byte[][])[all, .. changes])
            {
                foreach (var removed in SensorWatchesState.Read(
                    part, Measurements, sources, id => sensors[id] = new(new(id, Measurements.Count), Rules)))
                {
                    sensors.Remove(removed);
                }
            }

            using var writer = new StateWriter();
            foreach (var (id, entry) in sensors)
            {
                writer.Signed(id);
                writer.Text(entry.Source < 0 ? "" : $"{sources[entry.Source].Id}");
                int[] columns = [.. Enumerable.Range(0, Measurements.Count)];
                entry.Watch.Write(writer, 0, new(columns, Array.ConvertAll(Data, rule => rule.Key), columns));
            }

            return writer.ToArray();
        }
    }
}
