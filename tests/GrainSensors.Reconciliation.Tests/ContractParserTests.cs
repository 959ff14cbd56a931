using System.Text;
using CsCheck;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Parsing;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Two parsers that share no code accept the same messages, except for timestamps that depend on the clock.</summary>
public sealed class ContractParserTests
{
    private static readonly ReadingOptions Options = new();

    private static readonly MeasurementSet Measurements = new(
        MeasurementSet.Default.All.Select(measurement => measurement with { Missing = [-999, 85] }));

    private static readonly ReadingParser Stream = new(Measurements, Options);
    private static readonly ContractParser Engine = new(Measurements.All, new AcceptedTimes(Options).First, []);

    /// <summary>A time in 2100, after every timestamp that the tests write.</summary>
    private const long Now = 4_102_444_800_000_000;

    [Fact]
    public void Random_messages_are_classified_alike() =>
        RandomMessages.Message.Sample(message => AssertAlike(Encoding.UTF8.GetBytes(message)), iter: 100_000);

    [Fact]
    public void Random_readings_are_parsed_alike() => Gen.Select(
        Gen.Int[0, 99], RandomMessages.Number, RandomMessages.Number, RandomMessages.Number).Sample(
        reading => AssertAlike(Encoding.UTF8.GetBytes(
            $"{{\"sensor_id\":{reading.Item1},\"timestamp\":{reading.Item2},"
            + $"\"temperature\":{reading.Item3},\"humidity\":{reading.Item4}}}")),
        iter: 100_000);

    [Fact]
    public void Random_bytes_are_classified_alike() => Gen.Byte.Array[0, 40].Sample(AssertAlike, iter: 20_000);

    [Fact]
    public void The_corpus_is_classified_alike()
    {
        foreach (var (bytes, verdict) in MessageCorpus.Messages)
        {
            AssertAlike(bytes);
            Assert.Equal(verdict != MessageCorpus.Verdict.Rejected, Engine.Parse(bytes, isNull: false).IsReading);
        }
    }

    [Fact]
    public void Long_and_deep_messages_are_classified_alike()
    {
        foreach (var depth in new[] { 62, 63, 64, 65 })
        {
            var nested = new string('[', depth) + new string(']', depth);
            AssertAlike(Encoding.UTF8.GetBytes($"{{\"sensor_id\":1,\"timestamp\":1732400000,\"temperature\":1,\"x\":{nested}}}"));
        }

        foreach (var length in new[] { 65_536, 65_537 })
        {
            AssertAlike(Encoding.UTF8.GetBytes("{\"sensor_id\":1,\"timestamp\":1732400000}".PadRight(length)));
        }
    }

    private static void AssertAlike(byte[] bytes)
    {
        var sensor = new MessageSensor();
        var reason = Stream.Parse(bytes, Now, sensor, out var reading);
        var message = Engine.Parse(bytes, isNull: false);
        if (reason == RejectReason.InvalidTimestamp && message.IsReading && !Stream.AcceptedTimes.Contain(message.EventTime, Now))
        {
            return; // the engine does not compare timestamps with the clock
        }

        Assert.True(
            message.IsReading == (reason == RejectReason.None),
            $"{Encoding.UTF8.GetString(bytes)}: stream {reason}, engine {message.Fault ?? "a reading"}");
        if (message.IsReading)
        {
            Assert.Equal((reading.SensorId, reading.Timestamp), (message.SensorId, message.EventTime));
            Assert.Equal(message.Name, reading.SensorId == SensorName.NoNumber ? Encoding.UTF8.GetString(sensor.Name) : null);
            for (var i = 0; i < MeasurementSet.Default.Count; i++)
            {
                Assert.Equal(reading.Values[i], message.Values[i]);
            }
        }
    }
}
