using System.Text;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Sources.Tests.Mapping;

/// <summary>What a mapping takes from a message, and what it rejects.</summary>
public sealed class MappingTests
{
    private static readonly MappingOptions Usual = new()
    {
        Sensor = "{/id}",
        Time = "/t",
        Values = new Dictionary<string, string> { ["temperature"] = "/a/temp", ["humidity"] = "/a/hum" },
    };

    [Theory]
    [InlineData("""{"id":7,"t":1795515300,"a":{"temp":21.5,"hum":60}}""", "7 2026-11-24T10:15:00Z temperature=21.5 humidity=60")]
    [InlineData("""{"a":{"hum":null,"temp":"21.5"},"t":"1795515300.25","id":"7"}""",
        "7 2026-11-24T10:15:00.250000Z temperature=21.5 humidity=null")]
    [InlineData("""{"id":"k\u00fcche","t":1795515300123,"a":{"temp":true}}""", "küche 2026-11-24T10:15:00.123000Z temperature=1")]
    [InlineData("""{"\u0069d":"a","id":"b","t":"2026-11-24T11:15:00+01:00","a":{"temp":1,"temp":2}}""",
        "b 2026-11-24T10:15:00Z temperature=2")]
    [InlineData("""{"id":"\/","t":"2026-11-24T11:15:00\u002b01:00","a":{"temp":"\u002d1","hum":"\u0032"}}""",
        "/ 2026-11-24T10:15:00Z temperature=-1 humidity=2")]
    [InlineData("""{"id":-9007199254740993,"a":{"temp":"unavailable"}}""", "-9007199254740993 - temperature=null")]
    [InlineData("\uFEFF {\"id\":-0,\"t\":null,\"a\":{\"temp\":1e-3}} ", "0 - temperature=0.001")]
    public void Paths_name_sensor_time_and_values(string payload, string line) => Assert.Equal(line, ReadingLog.Of(Usual, payload).Line);

    [Theory]
    [InlineData("""{"t":1,"a":{"temp":1}}""", "0 no-sensor-id: /id is missing")]
    [InlineData("""{"id":null,"a":{"temp":1}}""", "0 no-sensor-id: /id is null")]
    [InlineData("""{"id":"","a":{"temp":1}}""", "0 no-sensor-id: /id is empty")]
    [InlineData("""{"id":7.0,"a":{"temp":1}}""",
        "0 invalid-sensor-id: /id must be text, or an integer without a point or an exponent; got 7.0")]
    [InlineData("""{"id":{"x":1},"a":{"temp":1}}""",
        "0 invalid-sensor-id: /id must be text, or an integer without a point or an exponent; got {")]
    [InlineData("""{"id":"a\u001b","a":{"temp":1}}""",
        "0 invalid-sensor-id: the sensor must be an id or a name of 1 to 200 characters without control characters; got \"a\\u001b\"")]
    [InlineData("""{"id":7,"t":true,"a":{"temp":1}}""",
        "0 invalid-timestamp: /t must be a number of seconds or milliseconds since 1970, or a time in ISO 8601; got true")]
    [InlineData("""{"id":7,"t":"20261124","a":{"temp":1}}""",
        "0 invalid-timestamp: /t must be a number of seconds or milliseconds since 1970, or a time in ISO 8601; got 20261124")]
    [InlineData("""{"id":7,"t":1e300,"a":{"temp":1}}""",
        "0 invalid-timestamp: /t must be a number of seconds or milliseconds since 1970, or a time in ISO 8601; got 1e300")]
    [InlineData("""{"id":7,"a":{"temp":"hot"}}""", "0 invalid-value: /a/temp must be a number, a boolean or null; got hot")]
    [InlineData("""{"id":7,"a":{"temp":1e999}}""", "0 invalid-value: /a/temp must be a number, a boolean or null; got 1e999")]
    [InlineData("""{"id":7,"a":{"temp":[1]}}""", "0 invalid-value: /a/temp must be a number, a boolean or null; got [")]
    [InlineData("""{"id":7,"a":{"temperature":1}}""", "0 no-measurement: the reading has none of /a/temp, /a/hum")]
    [InlineData("""{"id":7,"a":{"temp":1}}x""", "malformed: the message is not valid JSON: line 1, byte 24")]
    [InlineData("", "malformed: the message is not valid JSON: line 1, byte 1")]
    [InlineData("7", "0 no-sensor-id: /id is missing")]
    public void A_rejection_says_what_is_wrong(string payload, string rejection) =>
        Assert.Equal(rejection, ReadingLog.Of(Usual, payload).Rejection);

    [Fact]
    public void Readings_of_an_array_take_what_is_around_it_also_behind_it()
    {
        var mapping = new MappingOptions
        {
            Readings = "/data/*",
            Sensor = "{/gateway}/{/data/*/probe}",
            Time = "/data/*/t",
            Numbers = "/data/*/v",
            Values = new Dictionary<string, string> { ["battery"] = "/battery" },
        };

        var log = ReadingLog.Of(
            mapping,
            """{"data":[{"probe":1,"t":1795515300,"v":{"a":1}},{"t":1},{"probe":"x","v":{"b":[2,{"c":3}]}}],"gateway":"g","battery":80}""");

        Assert.Equal(["g/1 2026-11-24T10:15:00Z battery=80 a=1", "g/x - battery=80 b_0=2 b_1_c=3"], log.Lines);
        Assert.Equal("1 NoSensorId /data/*/probe is missing", $"{log.Rejected[0].Index} {log.Rejected[0].Reason} {log.Rejected[0].Detail}");
    }

    [Fact]
    public void A_malformed_message_has_no_reading_at_all() => Assert.Equal(
        "malformed: the message is not valid JSON: line 1, byte 25",
        ReadingLog.Of(
            new MappingOptions { Readings = "/*", Sensor = "{/*/id}", Numbers = "/*" }, """[{"id":"a","t":1},{"id":b}]""").Rejection);

    [Fact]
    public void Numbers_are_filtered_and_prefixed_and_none_is_sensor_time_or_named_value() => Assert.Equal(
        "7 2026-11-24T10:15:00Z main=1 r7_temp1=2 r7_hum_x=4",
        ReadingLog.Of(
            new MappingOptions
            {
                Sensor = "{/id}",
                Time = "/t",
                Values = new Dictionary<string, string> { ["main"] = "/temp" },
                Numbers = "",
                Prefix = "r{/id}_",
                Include = ["temp*", "hum*"],
                Exclude = ["*2"],
            },
            """{"id":7,"t":1795515300,"temp":1,"temp1":2,"temp2":3,"hum":{"x":4,"s":"5"},"rssi":-80}""").Line);

    [Theory]
    [InlineData(TimeUnit.S, "1795515300.1234567", "10:15:00.123456")]
    [InlineData(TimeUnit.Ms, "1795515300123.4567", "10:15:00.123456")]
    [InlineData(TimeUnit.Us, "1795515300123456.9", "10:15:00.123456")]
    [InlineData(TimeUnit.Ns, "1795515300123456999", "10:15:00.123456")]
    [InlineData(TimeUnit.Auto, "1795515300123.4", "10:15:00.123400")]
    [InlineData(TimeUnit.Ns, "-1", "1969-12-31T23:59:59.999999")]
    public void Times_are_cut_to_the_microsecond_below(TimeUnit unit, string number, string time)
    {
        var expected = time.Contains('T', StringComparison.Ordinal) ? $"{time}Z" : $"2026-11-24T{time}Z";
        var mapping = Usual with { TimeUnit = unit };

        foreach (var text in new[] { number, $"\"{number}\"" })
        {
            Assert.Equal(
                $"7 {expected} temperature=1",
                ReadingLog.Of(mapping, """{"id":7,"t":TIME,"a":{"temp":1}}""".Replace("TIME", text, StringComparison.Ordinal)).Line);
        }
    }

    [Fact]
    public void A_sensor_is_made_of_key_header_and_topic()
    {
        var mapping = Usual with { Sensor = "{key}.{header:site}.{room}", Topic = "{site}/{room}/up" };
        var payload = """{"a":{"temp":1}}"""u8;

        var log = ReadingLog.Of(
            new SourceOptions { Mapping = mapping }, payload, key: "k", topic: "kafka",
            headers: new Headers(new() { ["site"] = "north", [SourceMessage.MqttTopicHeader] = "s/attic/up" }));

        Assert.Equal("k.north.attic - temperature=1", log.Line);
        Assert.Equal(
            "0 no-sensor-id: header site is missing or empty",
            ReadingLog.Of(mapping, """{"a":{"temp":1}}""", key: "k", topic: "s/attic/up").Rejection);
    }

    [Fact]
    public void Messages_have_limits()
    {
        var many = new MappingOptions { Readings = "/*", Sensor = "{key}", Numbers = "/*" };
        var readings = string.Join(',', Enumerable.Repeat("""{"a":1}""", 10_000));

        Assert.Equal(10_000, ReadingLog.Of(many, $"[{readings}]", key: "k").Readings);
        Assert.Equal(
            "too-many-readings: the message must have at most 10000 readings; got more",
            ReadingLog.Of(many, $"[{readings},1]", key: "k").Rejection);
        Assert.Equal(
            "too-many-readings: the message must have at most 10000 readings; got more",
            ReadingLog.Of(many, $"[{readings}]\n[1]\n[2]", SourceFormat.NdJson, key: "k").Rejection);
        Assert.Equal(
            "too-large: the message must have at most 65536 bytes; got 65537",
            ReadingLog.Of(Usual, new string(' ', SourceReader.MaxBytes + 1)).Rejection);
        Assert.Equal(
            "too-large: the message must have at most 1048576 bytes; got 1048577",
            ReadingLog.Of(many, new string(' ', SourceReader.MaxBytesOfMany + 1)).Rejection);
        Assert.StartsWith(
            "0 invalid-value: the reading has more than 1000 values",
            ReadingLog.Of(
                new MappingOptions { Sensor = "{key}", Numbers = "" },
                $"{{{string.Join(',', Enumerable.Range(0, 1001).Select(n => $"\"v{n}\":{n}"))}}}", key: "k").Rejection,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "malformed", ReadingLog.Of(Usual, new string('[', 65) + new string(']', 65)).Rejection, StringComparison.Ordinal);
    }

    [Fact]
    public void Mapping_of_JSON_allocates_nothing()
    {
        var reader = new SourceReader(new() { Mapping = Usual with { Numbers = "/b", Prefix = "{/id}_" } });
        var sink = new SilentSink();
        var payload = Encoding.UTF8.GetBytes("""{"id":"kitchen","t":"2026-11-24T10:15:00Z","a":{"temp":21.5},"b":{"c":{"d":1},"e":2}}""");

        // Code that is not optimized yet may box; the runtime optimizes it after some calls.
        var allocated = long.MaxValue;
        for (var round = 0; round < 2000 && allocated > 0; round++)
        {
            allocated = BytesOf(() => reader.Read(new(payload), sink));
        }

        Assert.Equal(0, allocated);
        Assert.True(sink.Values > 0 && sink.Values % 3 == 0);
    }

    /// <returns>The bytes that 1,000 calls allocate.</returns>
    private static long BytesOf(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class Headers(Dictionary<string, string> values) : IMessageHeaders
    {
        public ReadOnlySpan<byte> Find(string name) => Encoding.UTF8.GetBytes(values.GetValueOrDefault(name, ""));
    }
}
