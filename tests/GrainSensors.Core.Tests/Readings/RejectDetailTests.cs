using System.Text;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

/// <summary>The detail of a rejection names the member, its value, and the values that it may have.</summary>
public sealed class RejectDetailTests
{
    [Theory]
    [InlineData("\"soon\"", "timestamp must be a number of seconds or milliseconds since 1970; got \"soon\"")]
    [InlineData("\"1732400000\"", "timestamp must be a number of seconds or milliseconds since 1970; got \"1732400000\"")]
    [InlineData(
        "\"2026-11-29T12:42:40Z\"",
        "timestamp must be a number of seconds or milliseconds since 1970; got \"2026-11-29T12:42:40Z\"")]
    [InlineData("true", "timestamp must be a number of seconds or milliseconds since 1970; got true")]
    [InlineData("[1]", "timestamp must be a number of seconds or milliseconds since 1970; got [1]")]
    [InlineData("10", "timestamp 10 (1970-01-01T00:00:10Z) is too old; the earliest accepted time is 2000-01-01T00:00:00Z")]
    [InlineData("-1e30", "timestamp -1e30 is too old; the earliest accepted time is 2000-01-01T00:00:00Z")]
    [InlineData(
        "1795436100",
        "timestamp 1795436100 (2026-11-23T12:15:00Z) is ahead of the clock; the latest accepted time is 2026-11-23T11:15:00Z")]
    [InlineData(
        "1795428900000000", "timestamp 1795428900000000 is ahead of the clock; the latest accepted time is 2026-11-23T11:15:00Z")]
    [InlineData("1e300", "timestamp 1e300 is ahead of the clock; the latest accepted time is 2026-11-23T11:15:00Z")]
    public void Tells_apart_no_time_too_old_and_ahead_of_the_clock(string timestamp, string expected) =>
        Assert.Equal(expected, Parsing.DetailOf(Parsing.At(timestamp)));

    [Theory]
    [InlineData("\"21.5\"", "temperature must be a number from -273.15 to 10000; got \"21.5\"")]
    [InlineData("-999", "temperature must be a number from -273.15 to 10000; got -999")]
    [InlineData("1e999", "temperature must be a number from -273.15 to 10000; got 1e999")]
    [InlineData("{\"celsius\":21.5}", "temperature must be a number from -273.15 to 10000; got {\"celsius\":21.5}")]
    [InlineData("1,\"humidity\":\"wet\"", "humidity must be a number from -100 to 200; got \"wet\"")]
    [InlineData("\"x\",\"temperature\":1,\"humidity\":900", "humidity must be a number from -100 to 200; got 900")]
    public void Names_the_measurement(string value, string expected) =>
        Assert.Equal(expected, Parsing.DetailOf(Parsing.With(value)));

    [Theory]
    [InlineData("7.0", "an integer without a point or an exponent; got 7.0")]
    [InlineData("-1e3", "an integer without a point or an exponent; got -1e3")]
    [InlineData("null", "an integer or text; got null")]
    [InlineData("[7]", "an integer or text; got [7]")]
    public void Shows_the_sensor_id(string id, string expected) => Assert.Equal(
        $"sensor_id must be {expected}", Parsing.DetailOf(Parsing.Of(id)));

    [Theory]
    [InlineData("\"\"", "\"\"")]
    [InlineData("\"a\\tb\"", "\"a\\tb\"")]
    [InlineData("\"\u007F\"", "\"\\u007f\"")]
    public void Shows_an_invalid_name(string id, string shown) => Assert.Equal(
        "sensor_id must have 1 to 200 characters, none of them a control or format character; got " + shown,
        Parsing.DetailOf(Parsing.Of(id)));

    [Theory]
    [InlineData(RejectReason.TooManySensors, "is new, and a limit of new sensors is reached (SensorNames:MaxNew, SensorNames:Max)")]
    [InlineData(RejectReason.UnknownSensor, "is unknown, and SensorNames:Registration is closed")]
    public void Shows_the_sensor_that_was_refused(RejectReason reason, string expected) => Assert.Equal(
        $"sensor \"boiler\" {expected}", Parsing.Detail.Of(Encoding.UTF8.GetBytes(Parsing.Of("\"boiler\"")), Parsing.Now, reason));

    [Theory]
    [InlineData("""{"timestamp":1732400000}""", "sensor_id is missing")]
    [InlineData("""{"sensor_id":7}""", "timestamp is missing")]
    [InlineData("""{"sensor_id":7,"timestamp":null}""", "timestamp is null")]
    [InlineData("[1]", "the message must be a JSON object; got [1]")]
    [InlineData("{\n\"sensor_id\":x}", "the message is not valid JSON: line 2, byte 13")]
    [InlineData(
        """{"sensor_id":7,"timestamp":1732400000,"values":{"temperature":21.5},"battery":1}""",
        "a member must be a measurement (temperature, humidity); got values, battery")]
    public void Says_what_is_missing(string message, string expected) => Assert.Equal(expected, Parsing.DetailOf(message));

    [Fact]
    public void A_value_is_cut_to_60_characters_and_escaped()
    {
        Assert.Equal(
            $"temperature must be a number from -273.15 to 10000; got {new string('9', 59)}…",
            Parsing.DetailOf(Parsing.With(new string('9', 30_000))));
        Assert.EndsWith("got \"\\u202ex\"", Parsing.DetailOf(Parsing.With("\"\u202ex\"")), StringComparison.Ordinal);
        Assert.EndsWith("got \\u200b", Parsing.DetailOf("""{"sensor_id":7,"timestamp":1732400000,"\u200b":1}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_members_of_one_name_the_last_is_shown() =>
        Assert.EndsWith("got [2]", Parsing.DetailOf(Parsing.Of("[1],\"sensor\\u005fid\":[2]")), StringComparison.Ordinal);
}
