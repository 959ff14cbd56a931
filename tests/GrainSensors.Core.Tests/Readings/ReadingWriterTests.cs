using System.Buffers;
using System.Text;
using CsCheck;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Core.Tests.Readings;

public sealed class ReadingWriterTests
{
    private static readonly ReadingWriter Writer = new(MeasurementSet.Default);

    private static readonly MeasurementSet Eight = new(
        [.. Enumerable.Range(0, 8).Select(i => new Measurement("m" + i, double.MinValue, double.MaxValue))]);

    private static readonly ReadingParser TolerantParser =
        new(Eight, new() { Earliest = DateTimeOffset.MinValue, MaxAhead = TimeSpan.MaxValue });

    [Theory]
    [InlineData(7, 1732400000_000000, 21.5, 60, """{"sensor_id":7,"timestamp":1732400000,"temperature":21.5,"humidity":60}""")]
    [InlineData(0, 1732400000_500000, -3, double.NaN, """{"sensor_id":0,"timestamp":1732400000.5,"temperature":-3}""")]
    [InlineData(
        int.MaxValue,
        1732400000_000001,
        double.NaN,
        60,
        """{"sensor_id":2147483647,"timestamp":1732400000.000001,"temperature":null,"humidity":60}""")]
    [InlineData(1, 1732400000_012340, double.NaN, double.NaN, """{"sensor_id":1,"timestamp":1732400000.01234,"temperature":null}""")]
    [InlineData(1, -500000, 0.1, 1e-7, """{"sensor_id":1,"timestamp":-0.5,"temperature":0.1,"humidity":1E-07}""")]
    [InlineData(1, -1_500000, 1e20, 0, """{"sensor_id":1,"timestamp":-1.5,"temperature":1E+20,"humidity":0}""")]
    [InlineData(1, 100_000_000_000_000000, 1, 1, """{"sensor_id":1,"timestamp":100000000000,"temperature":1,"humidity":1}""")]
    [InlineData(1, 100_000_000_000_000001, 1, 1, """{"sensor_id":1,"timestamp":100000000000000.001,"temperature":1,"humidity":1}""")]
    public void Writes_the_contract(int sensorId, long timestamp, double temperature, double humidity, string expected) =>
        Assert.Equal(expected, WriteText(Writer, NewReading(sensorId, timestamp, temperature, humidity)));

    [Fact]
    public void Appends_to_a_buffer_writer()
    {
        var buffer = new ArrayBufferWriter<byte>();
        Writer.Write(NewReading(1, 0, 2, 3), buffer);
        Writer.Write(NewReading(2, 0, 2, 3), buffer);
        Assert.Equal(
            """{"sensor_id":1,"timestamp":0,"temperature":2,"humidity":3}{"sensor_id":2,"timestamp":0,"temperature":2,"humidity":3}""",
            Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Refuses_infinity(double value) =>
        Assert.Throws<ArgumentException>(() => WriteText(Writer, NewReading(1, 0, value, 0)));

    [Fact]
    public void Refuses_every_destination_that_is_too_short()
    {
        var reading = NewReading(7, 1732400000_500000, 21.5, 60);
        var length = Writer.Write(reading, new byte[Writer.MaxLength]);
        for (var size = 0; size < length; size++)
        {
            Assert.Throws<ArgumentException>(() => Writer.Write(reading, new byte[size]));
        }

        Assert.Equal(length, Writer.Write(reading, new byte[length]));
    }

    [Fact]
    public void The_longest_reading_fits_the_maximum()
    {
        const double Longest = -2.2250738585072014E-308;
        var reading = NewReading(int.MaxValue, EpochTime.Min + 1, Longest, Longest);
        Assert.InRange(Writer.Write(reading, new byte[Writer.MaxLength]), Writer.MaxLength - 30, Writer.MaxLength);
    }

    [Fact]
    public void Names_that_need_escapes_come_back()
    {
        var measurements = new MeasurementSet([new("t \"°\"\\\n", -10, 10), new("𝛼", -10, 10)]);
        var json = WriteText(new(measurements), NewReading(1, 1732400000_000000, 5, 6));
        Assert.Equal(
            RejectReason.None,
            new ReadingParser(measurements, new()).Parse(Encoding.UTF8.GetBytes(json), Parsing.Now, out var reading));
        Assert.Equal((5, 6), (reading.Values[0], reading.Values[1]));
    }

    [Fact]
    public void What_is_written_is_read_back_to_the_bit()
    {
        var value = Gen.OneOf(
            Gen.Double.Where(double.IsFinite), Gen.Double[-50, 50], Gen.Int[-50, 50].Select(i => i / 10.0), Gen.Const(double.NaN));
        var margin = TolerantParser.AcceptedTimes.First;
        var timestamp = Gen.OneOf(
            Gen.Long[margin, -margin],
            Gen.Long[-3_000_000, 3_000_000],
            Gen.Long[1_732_400_000, 1_732_500_000].Select(s => s * 1_000_000),
            Gen.Long[1_732_400_000_000, 1_732_500_000_000].Select(ms => ms * 1_000),
            Gen.Long[100_000_000_000_000_000 - 1_000_000, 100_000_000_000_000_000 + 1_000_000]);
        var writer = new ReadingWriter(Eight);
        Gen.Select(Gen.Int[0, int.MaxValue], timestamp, value.Array[8]).Sample(
            (sensorId, time, values) =>
            {
                var all = MeasurementValues.Of(values);
                var reading = new Reading { SensorId = sensorId, Timestamp = time, Offset = -1, Values = all };
                var buffer = new byte[writer.MaxLength];
                var length = writer.Write(reading, buffer);
                return TolerantParser.Parse(buffer.AsSpan(0, length), EpochTime.Max, out var read) == RejectReason.None
                    && (read.SensorId, read.Timestamp, read.Offset) == (sensorId, time, -1)
                    && values.Select((_, i) => read.Values[i]).Select(BitConverter.DoubleToInt64Bits)
                        .SequenceEqual(values.Select(BitConverter.DoubleToInt64Bits));
            },
            iter: 50_000);
    }

    [Fact]
    public void Writes_and_parses_without_allocation()
    {
        var buffer = new byte[Writer.MaxLength];
        var reading = NewReading(7, 1732400000_123456, 21.53, 60.1);
        var values = new MessageValues();
        AssertRoundTrip(reading, buffer, values);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            AssertRoundTrip(reading, buffer, values);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void AssertRoundTrip(in Reading reading, byte[] buffer, MessageValues values)
    {
        var length = Writer.Write(reading, buffer);
        if (Parsing.Parser.Parse(buffer.AsSpan(0, length), Parsing.Now, null, values, out var read) != RejectReason.None
            || read.Timestamp != reading.Timestamp)
        {
            Assert.Fail("The reading did not come back.");
        }
    }

    private static string WriteText(ReadingWriter writer, in Reading reading)
    {
        var buffer = new byte[writer.MaxLength];
        return Encoding.UTF8.GetString(buffer, 0, writer.Write(reading, buffer));
    }

    private static Reading NewReading(int sensorId, long timestamp, double temperature, double humidity)
    {
        var reading = new Reading { SensorId = sensorId, Timestamp = timestamp, Values = MeasurementValues.None };
        (reading.Values[0], reading.Values[1]) = (temperature, humidity);
        return reading;
    }
}
