using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;

namespace GrainSensors.Core.Tests.Readings;

/// <summary>Random bytes: the parser returns, and every accepted reading is valid.</summary>
public sealed class ReadingParserFuzzTests
{
    /// <summary>The number of payloads. A number instead of a duration tries the same payloads on every machine.</summary>
    private static readonly int Batches = TestLength.IsLong ? 1_000 : 300;

    private const int PayloadsPerBatch = 1_100;

    private static readonly byte[][] Seeds = [.. new[]
    {
        """{"sensor_id":7,"timestamp":1732400000,"temperature":21.5,"humidity":60}""",
        """{"sensor_id":2147483647,"timestamp":1732400000123.25,"temperature":-1.5e1,"humidity":null}""",
        """{"sensor_id": 12, "timestamp": 1732400000.1234567, "temperature": 21.53, "humidity": 60}""",
        """{"sensor_id":0,"timestamp":1.7324e9,"note":{"a":[1,{"b":"\u00e9\ud83d\ude00°"}]},"\u0074emperature":-0}""",
        """{"sensor_id":7,"timestamp":1732400000,"values":{"temperature":21.5}}""",
        """{"sensor_id":"kitchen-1","timestamp":1732400000,"temperature":21.5}""",
        """{"sensor_id": "K\u00fcche °", "timestamp": 1732400000, "temperature": 21.5}""",
        """{"sensor_id":-9007199254740993,"timestamp":1732400000,"temperature":21.5}""",
        "\uFEFF [ {} , [ ] , \"\\\"\" , true , false , null , 1e999 ] ",
    }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Pieces that change the meaning more often than random bytes do.</summary>
    private static readonly byte[][] Pieces = [.. new[]
    {
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "-", ".", "e", "E+", "1e999", "0", "9999999999", " ",
        "\n", "\0",
        "/*", "//", "\uFEFF", "°", "\"sensor_id\":", "\"timestamp\":", "\"temperature\":", "NaN", "Infinity",
    }.Select(Encoding.UTF8.GetBytes)];

    [Fact]
    public void Whatever_the_bytes_the_parser_answers()
    {
        var reasons = new int[Enum.GetValues<RejectReason>().Length];
        Parallel.For(0, Batches, batch =>
        {
            var random = new Random(batch);
            var payload = new byte[4096];
            for (var i = 0; i < PayloadsPerBatch; i++)
            {
                var length = Fill(payload, random);
                var message = payload.AsSpan(0, length);
                RejectReason reason;
                Reading reading;
                var sensor = new MessageSensor();
                try
                {
                    reason = Parsing.Parser.Parse(message, Parsing.Now, sensor, out reading);
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"{Convert.ToBase64String(message)} in batch {batch}", e);
                }

                AssertSameWithoutShortCut(message, reason, reading, sensor.Name);
                Interlocked.Increment(ref reasons[(int)reason]);
                if (reason == RejectReason.None)
                {
                    AssertIsReading(reading, message);
                }
                else if (i % 16 == 0)
                {
                    AssertIsJsonUnless(reason, message);
                    AssertIsPrintable(Parsing.Detail.Of(message, Parsing.Now, reason), message);
                }
            }
        });

        // Both readings and rejections must occur, or the test would prove little.
        foreach (var reason in Enum.GetValues<RejectReason>().Except(
            [
                RejectReason.TooLarge, RejectReason.Tombstone, RejectReason.Expired, RejectReason.TooManySensors,
                RejectReason.UnknownSensor, RejectReason.Malformed, RejectReason.TooManyReadings, RejectReason.NoReading,
                RejectReason.NoSchema,
            ]))
        {
            Assert.True(reasons[(int)reason] > 100, $"{reason}: {reasons[(int)reason]}");
        }
    }

    private static void AssertSameWithoutShortCut(
        ReadOnlySpan<byte> message, RejectReason reason, in Reading reading, ReadOnlySpan<byte> name)
    {
        var sensor = new MessageSensor();
        var full = Parsing.Parser.ParseAny(message, sensor, out var other);
        if (full != reason
            || (reason == RejectReason.None
                && ((reading.SensorId, reading.Timestamp, reading.Offset) != (other.SensorId, other.Timestamp, other.Offset)
                    || (reading.SensorId == SensorName.NoNumber && !name.SequenceEqual(sensor.Name))
                    || !MemoryMarshal.AsBytes(reading.Values.ToArray().AsSpan()).SequenceEqual(
                        MemoryMarshal.AsBytes(other.Values.ToArray().AsSpan())))))
        {
            Assert.Fail($"{Encoding.UTF8.GetString(message)} is {reason} by the short cut, {full} by the full parser");
        }
    }

    private static int Fill(byte[] payload, Random random)
    {
        if (random.Next(10) == 0)
        {
            var length = random.Next(64);
            random.NextBytes(payload.AsSpan(0, length));
            return length;
        }

        var seed = Seeds[random.Next(13) is var at && at < Seeds.Length ? at : 0];
        seed.CopyTo(payload, 0);
        var end = seed.Length;
        for (var mutations = random.Next(4); mutations > 0 && end > 0; mutations--)
        {
            var position = random.Next(end);
            switch (random.Next(7))
            {
                case 0:
                    payload[position] = (byte)random.Next(256);
                    break;
                case 1:
                    payload[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    end = position;
                    break;
                case 3: // leave some out
                    var gap = Math.Min(random.Next(1, 12), end - position);
                    payload.AsSpan((position + gap)..end).CopyTo(payload.AsSpan(position));
                    end -= gap;
                    break;
                case 4: // double some
                    var more = Math.Min(random.Next(1, 40), end - position);
                    payload.AsSpan(position..end).CopyTo(payload.AsSpan(position + more));
                    end += more;
                    break;
                default:
                    var piece = Pieces[random.Next(Pieces.Length)];
                    payload.AsSpan(position..end).CopyTo(payload.AsSpan(position + piece.Length));
                    piece.CopyTo(payload, position);
                    end += piece.Length;
                    break;
            }
        }

        return end;
    }

    private static void AssertIsReading(in Reading reading, ReadOnlySpan<byte> message)
    {
        var writer = new ReadingWriter(MeasurementSet.Default);
        var buffer = new byte[writer.MaxLength];
        var length = writer.Write(reading, buffer);
        if (Parsing.Parser.Parse(buffer.AsSpan(0, length), Parsing.Now, out var again) != RejectReason.None
            || (reading.SensorId, reading.Timestamp) != (again.SensorId, again.Timestamp)
            || !reading.Values.ToArray().AsSpan().SequenceEqual(again.Values.ToArray()))
        {
            Assert.Fail($"{Encoding.UTF8.GetString(message)} was read as {Encoding.UTF8.GetString(buffer, 0, length)}");
        }
    }

    private static void AssertIsPrintable(string detail, ReadOnlySpan<byte> message) => Assert.True(
        detail.Length is > 0 and < 250 && PrintableText.Escape(detail) == detail, $"{detail}: {Encoding.UTF8.GetString(message)}");

    private static void AssertIsJsonUnless(RejectReason reason, ReadOnlySpan<byte> message)
    {
        var isJson = Utf8.IsValid(message);
        try
        {
            var start = message.StartsWith("\uFEFF"u8) ? 3 : 0;
            using var document = JsonDocument.Parse(message[start..].ToArray());
        }
        catch (JsonException)
        {
            isJson = false;
        }

        Assert.True(isJson == (reason != RejectReason.NotJson), $"{reason}: {Encoding.UTF8.GetString(message)}");
    }
}
