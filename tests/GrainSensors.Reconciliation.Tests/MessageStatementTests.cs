using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;
using GrainSensors.Reconciliation.Spark;
using GrainSensors.Reconciliation.Spark.Job;
using static GrainSensors.Reconciliation.Tests.MessageCorpus;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>The SQL of the Spark job accepts only messages that it reads as the stream does.</summary>
public sealed partial class MessageStatementTests
{
    /// <summary>A time in 2100, after every timestamp that the tests write.</summary>
    private const long Now = 4_102_444_800_000_000;

    private static readonly ReadingParser Stream = new(MeasurementSet.Default, new());

    [Fact]
    public void The_corpus_is_classified_as_the_stream_classifies_it()
    {
        var messages = Messages.ToList();
        var readings = DuckSpark.Parse(Options(), [.. messages.Select(message => message.Bytes)]);

        for (var i = 0; i < messages.Count; i++)
        {
            var (bytes, verdict) = messages[i];
            var text = Encoding.UTF8.GetString(bytes);
            var reason = Stream.Parse(bytes, Now, out var reading);
            Assert.True(reason == RejectReason.None == (verdict != Verdict.Rejected), $"{text}: stream {reason}");
            Assert.True(readings[i] is not null == (verdict == Verdict.Reading), $"{text}: SQL {readings[i]}");
            if (readings[i] is { } read)
            {
                AssertEqual(reading, read, text);
            }
        }
    }

    [Fact]
    public void What_is_accepted_of_random_messages_is_what_the_stream_reads() => RandomMessages.Message.Array[10_000].Sample(
        texts =>
        {
            var messages = Array.ConvertAll(texts, Encoding.UTF8.GetBytes);
            var readings = DuckSpark.Parse(Options(), messages);
            for (var i = 0; i < messages.Length; i++)
            {
                // The engines do not compare timestamps with the clock.
                if (readings[i] is { } read && Stream.AcceptedTimes.Contain(read.Timestamp, Now))
                {
                    var reason = Stream.Parse(messages[i], Now, out var reading);
                    Assert.True(reason == RejectReason.None, $"{texts[i]}: stream {reason}");
                    AssertEqual(reading, read, texts[i]);
                }
            }

            Assert.InRange(readings.Count(reading => reading is not null), messages.Length / 10, messages.Length * 9 / 10);
        },
        iter: 4, threads: 1);

    [Theory]
    [InlineData("""{"sensor_id":"boiler","timestamp":1732400000,"humidity":1}""", -2)]
    [InlineData("""{ "sensor_id" : "007" , "timestamp" : 1732400000 , "humidity" : 1 }""", -3)]
    [InlineData("""{"sensor_id":"2147483648","timestamp":1732400000,"humidity":1}""", -4)]
    [InlineData("""{"sensor_id":2147483648,"timestamp":1732400000,"humidity":1}""", -4)]
    [InlineData("""{"sensor_id":-7,"timestamp":1732400000,"humidity":1}""", -5)]
    [InlineData("""{"sensor_id":"Küche {1}, oben","timestamp":1732400000,"humidity":1,"x":{"y":[1]}}""", -6)]
    [InlineData("""{"sensor_id":"K\u00fcche {1}, oben","timestamp":1732400000,"humidity":1}""", -6)]
    [InlineData("""{"sensor_id":"Ku\u0308che {1}, oben","timestamp":1732400000,"humidity":1}""", -6)]
    [InlineData("""{"sensor\u005Fid":"b\u006Filer","timestamp":1732400000,"humidity":1,"unit":"\u00b0C"}""", -2)]
    [InlineData("""{"sensor_id":"a\"b\\c","timestamp":1732400000,"humidity":1}""", -7)]
    [InlineData("""{"x":{"sensor_id":"boiler"},"sensor_id":7,"timestamp":1732400000,"humidity":1}""", 7)]
    [InlineData("""{"x":[{"sensor_id":"pump"}],"sensor_id":"boiler","timestamp":1732400000,"humidity":1}""", -2)]
    [InlineData("""{"sensor_id":"7","timestamp":1732400000,"humidity":1}""", 7)]
    [InlineData("""{"sensor_id":"\u0037","timestamp":1732400000,"humidity":1}""", 7)]
    [InlineData("""{"sensor_id":"-0","timestamp":1732400000,"humidity":1}""", -8)]
    [InlineData("""{"sensor_id":-0,"timestamp":1732400000,"humidity":1}""", 0)]
    [InlineData("""{"sensor_id":"Boiler","timestamp":1732400000,"humidity":1}""", null)]
    [InlineData("""{"sensor_id":7.5,"timestamp":1732400000,"humidity":1}""", null)]
    [InlineData("""{"sensor_id":null,"timestamp":1732400000,"humidity":1}""", null)]
    [InlineData("""{"sensor_id":true,"timestamp":1732400000,"humidity":1}""", null)]
    [InlineData("""{"sensor_id":{"a":1},"timestamp":1732400000,"humidity":1}""", null)]
    [InlineData("""{"sensor_id":["boiler"],"timestamp":1732400000,"humidity":1}""", null)]
    [InlineData("""{"sensor_id":"boiler","timestamp":1732400000,"humidity":1,"sensor_id":"7"}""", null)]
    [InlineData("""{"timestamp":1732400000,"humidity":1}""", null)]
    [InlineData("{garbage", null)]
    public void A_sensor_is_found_by_its_id_or_by_the_number_of_its_name(string text, int? sensor)
    {
        var names = new Dictionary<string, int>
        {
            ["boiler"] = -2,
            ["007"] = -3,
            ["2147483648"] = -4,
            ["-7"] = -5,
            ["Küche {1}, oben"] = -6,
            ["a\"b\\c"] = -7,
            ["-0"] = -8,
            ["pump"] = -9,
            ["""{"a":1}"""] = -10,
            ["""["boiler"]"""] = -11,
            ["true"] = -12,
            ["null"] = -13,
            [""] = -14,
        };

        Assert.Equal(sensor, Assert.Single(DuckSpark.Parse(Options(), [Encoding.UTF8.GetBytes(text)], names))?.SensorId);
    }

    [Fact]
    public void Sensors_of_random_messages_are_those_of_the_contract()
    {
        var parser = new ContractParser(MeasurementSet.Default.All, new AcceptedTimes(new()).First, []);
        RandomMessages.Named.Array[5_000].Sample(
            texts =>
            {
                var messages = Array.ConvertAll(texts, Encoding.UTF8.GetBytes);
                var parsed = Array.ConvertAll(messages, message => parser.Parse(message, isNull: false));
                var names = parsed.Where(message => message.Name is not null).Select(message => message.Name!).Distinct()
                    .Select((name, i) => (name, i)).ToDictionary(named => named.name, named => SensorName.MaxNumber - named.i);
                var readings = DuckSpark.Parse(Options(), messages, names);
                for (var i = 0; i < messages.Length; i++)
                {
                    if (readings[i] is { } read)
                    {
                        var expected = parsed[i].Name is { } name ? names[name] : parsed[i].SensorId;
                        Assert.True(parsed[i].IsReading && read.SensorId == expected, $"{texts[i]}: {read.SensorId}, not {expected}");
                    }
                }

                var unclear = texts.Where((_, i) => parsed[i].IsReading && readings[i] is null);
                // DuckDB, other than Spark, reads no JSON with half a surrogate pair.
                Assert.DoesNotContain(
                    unclear, text => Mention().Count(text) == 1 && !text.Contains("\\ud800", StringComparison.Ordinal));
                Assert.InRange(readings.Count(reading => reading?.SensorId < 0), messages.Length / 4, messages.Length);
            },
            iter: 4, threads: 1);
    }

    [Fact]
    public void A_value_that_stands_for_none_is_no_value_even_where_it_is_out_of_range()
    {
        var options = Options() with { Measurements = [new("temperature", -273.15, 10_000) { Missing = [-999, 85] }] };

        var readings = Parse(options, "-999", "-999.0", "85", "8.5e1", "84", "-998");

        Assert.Equal([double.NaN, double.NaN, double.NaN, double.NaN, 84, null], readings.Select(reading => reading?.Values[0]));
    }

    [Fact]
    public void Values_in_another_unit_are_the_same_to_the_bit_in_the_stream_and_in_every_engine()
    {
        var measurements = new MeasurementSet(
        [
            new("temperature", -100, 100) { Conversion = new(5.0 / 9, -160.0 / 9), Missing = [-127, 185] },
            new("pressure", 300, 1100) { Conversion = new(33.8638866666667, 0) },
        ]);
        var request = new ReconciliationRequest(Period.FromSeconds(60), 0, 60_000_000, null, measurements.All) { Earliest = 0 };
        var parser = new ContractParser(request);
        var stream = new ReadingParser(measurements, new());
        var options = Options() with { Measurements = SparkEngine.MeasurementsOf(request) };

        Gen.OneOf(Gen.Double[-500, 500], Gen.Int[-2000, 2000].Select(i => i / 10.0), Gen.Const(-127.0), Gen.Const(185.0))
            .Array[2_000].Sample(
            values =>
            {
                byte[][] messages = [.. values.Select(value => Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"sensor_id\":7,\"timestamp\":1732400000,\"temperature\":{value},\"pressure\":{29 + (value / 1000)}}}")))];
                var bySpark = DuckSpark.Parse(options, messages);
                for (var i = 0; i < messages.Length; i++)
                {
                    var reason = stream.Parse(messages[i], Now, out var reading);
                    var parsed = parser.Parse(messages[i], isNull: false);
                    Assert.Equal(reason == RejectReason.None, parsed.IsReading);
                    Assert.Equal(reason == RejectReason.None, bySpark[i] is not null);
                    if (reason == RejectReason.None)
                    {
                        Assert.Equal(reading.Values.ToArray(), parsed.Values.ToArray());
                        AssertEqual(reading, bySpark[i]!.Value, $"{values[i]}");
                    }
                }

                Assert.InRange(bySpark.Count(reading => reading is not null), values.Length / 20, values.Length * 19 / 20);
            },
            iter: 3, threads: 1);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(",\"temperature\":null", true)]
    [InlineData(",\"humidity\":1,\"battery\":3", true)]
    [InlineData(",\"battery\":3", false)]
    [InlineData(",\"tags\":{\"temperature\":3}", false)]
    [InlineData(",\"Temperature\":3", false)]
    public void A_message_with_other_members_only_is_no_reading(string members, bool expected)
    {
        var message = Encoding.UTF8.GetBytes($"{{\"sensor_id\":7,\"timestamp\":1732400000{members}}}");

        Assert.Equal(expected, DuckSpark.Parse(Options(), [message])[0] is not null);
        var parser = new ContractParser(MeasurementSet.Default.All, 0, []);
        Assert.Equal(expected, parser.Parse(message, isNull: false).IsReading);
    }

    [Fact]
    public void Names_of_measurements_may_have_any_character_but_quotes_and_backslashes()
    {
        string[] names = ["a/b", "$x (°C)", "🌡.*[x]"];
        var options = Options() with { Measurements = [.. names.Select(name => new JobMeasurement(name, -100, 100))] };
        string[] messages =
        [
            "\"a/b\":1,\"$x (°C)\":2,\"🌡.*[x]\":3",
            @"""a\/b"":1,""\u0024x (\u00b0C)"":2,""\ud83c\uDF21.*\u005bx]"":3",
            "\"axb\":1,\"🌡..[x]\":3",
        ];

        var readings = DuckSpark.Parse(
            options, [.. messages.Select(message => Encoding.UTF8.GetBytes($"{{\"sensor_id\":7,\"timestamp\":1732400000,{message}}}"))]);

        Assert.Equal(
            [[1, 2, 3], [1, 2, 3], null],
            readings.Select(reading => reading is { } read ? new[] { read.Values[0], read.Values[1], read.Values[2] } : null));
    }

    [Fact]
    public void There_may_be_more_measurements_than_control_characters()
    {
        var measurements = new MeasurementSet(Enumerable.Range(0, 20).Select(i => new Measurement($"m{i}", -100, 100)));
        var options = Options() with { Measurements = [.. measurements.All.Select(m => new JobMeasurement(m.Name, m.Min, m.Max))] };
        var all = string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"m{i}\": {i}.5"));
        string[] members =
        [
            all,
            "\"m19\":1,\"m8\":2,\"m9\":[1,{\"m8\":3}],\"m9\":null",
            "\"m19\":1000",
            "\"m19\":1,\"note\":\"\uE008 \uE000\"",
            "\uE008:1,\"m19\":1",
            "\uE0081,\"m19\":1",
            "\"x\":1",
        ];
        byte[][] messages =
        [
            .. members.Select(text => Encoding.UTF8.GetBytes($"{{\"sensor_id\":7,\"timestamp\":1732400000,{text}}}")),
        ];
        var stream = new ReadingParser(measurements, new());

        var readings = DuckSpark.Parse(options, messages);

        Assert.Equal([true, true, false, true, false, false, false], readings.Select(reading => reading is not null));
        for (var i = 0; i < messages.Length; i++)
        {
            Assert.Equal(readings[i] is not null, stream.Parse(messages[i], Now, out var reading) == RejectReason.None);
            if (readings[i] is { } read)
            {
                AssertEqual(reading, read, members[i]);
            }
        }
    }

    [Fact]
    public void A_name_with_a_quote_or_a_backslash_is_refused()
    {
        Assert.Throws<ArgumentException>(() => JobStatements.Parse(Options() with { Measurements = [new("a\uE000b", 0, 1)] }));
        Assert.Throws<ArgumentException>(() => JobStatements.Parse(Options() with { Measurements = [new("a'b", 0, 1)] }));
        Assert.Throws<ArgumentException>(() => JobStatements.Parse(Options() with { Measurements = [new(@"a\b", 0, 1)] }));
    }

    [GeneratedRegex(@"sensor(_|\\u005f)id")]
    private static partial Regex Mention();

    private static List<Reading?> Parse(JobOptions options, params string[] temperatures) => DuckSpark.Parse(
        options, [.. temperatures.Select(value => Encoding.UTF8.GetBytes(
            $"{{\"sensor_id\":7,\"timestamp\":1732400000,\"temperature\":{value}}}"))]);

    private static void AssertEqual(in Reading expected, in Reading actual, string text)
    {
        Assert.True(
            (expected.SensorId, expected.Timestamp) == (actual.SensorId, actual.Timestamp)
            && InOrder(expected).SequenceEqual(InOrder(actual)),
            $"{text}: stream {Text(expected)}, SQL {Text(actual)}");

        static string Text(in Reading reading) => $"{reading.SensorId} {reading.Timestamp} {string.Join(' ', InOrder(reading))}";

        static IEnumerable<MeasuredValue> InOrder(in Reading reading) => reading.Values.ToArray().OrderBy(value => value.Measurement);
    }

    private static JobOptions Options() => new(
        "run", "sensor-data", [], [], 60_000_000, 0, 60_000_000, null,
        [.. MeasurementSet.Default.All.Select(measurement => new JobMeasurement(measurement.Name, measurement.Min, measurement.Max))],
        new AcceptedTimes(new()).First, "", "", null, "");
}
