using System.Text;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

/// <summary>The valid readings, and the one reason for which every other message is rejected.</summary>
public sealed class ReadingParserTests
{
    private const string Good = """{"sensor_id":7,"timestamp":1732400000,"temperature":21.5,"humidity":60}""";

    [Fact]
    public void Reads_the_contract()
    {
        var reading = Parsing.ParseGood(Good);
        Assert.Equal((7, 1_732_400_000_000_000, -1), (reading.SensorId, reading.Timestamp, reading.Offset));
        Assert.Equal((21.5, 60), (reading.Values[0], reading.Values[1]));
        Assert.Equal([new(0, 21.5), new(1, 60)], reading.Values.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("}")]
    [InlineData("{]")]
    [InlineData("hello")]
    [InlineData("NaN")]
    [InlineData("nul")]
    [InlineData("'single'")]
    [InlineData("{'sensor_id':7}")]
    [InlineData("{sensor_id:7}")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":21.5""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":21.""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":21.}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":.5}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":+5}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":05}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":0x1F}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":1e}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":NaN}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":-Infinity}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":True}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":21.5,}""")]
    [InlineData("""{"sensor_id":7,,"timestamp":1732400000}""")]
    [InlineData("""{"sensor_id":7 "timestamp":1732400000}""")]
    [InlineData("""{"sensor_id" 7}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"a":[1,2,]}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"a":[1,2}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"a":"\x"}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"a":"\u12G4"}""")]
    [InlineData("{\"sensor_id\":7,\"timestamp\":1732400000,\"a\":\"\n\"}")]
    [InlineData("{\"sensor_id\":7,\"timestamp\":1732400000,\"a\0\":1}")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000} // why""")]
    [InlineData("""{/* why */"sensor_id":7,"timestamp":1732400000}""")]
    [InlineData(Good + Good)]
    [InlineData(Good + ",")]
    [InlineData(Good + "}")]
    [InlineData(Good + "\0")]
    [InlineData(Good + "x")]
    [InlineData("\uFEFF\uFEFF" + Good)]
    [InlineData(Good + "\uFEFF")]
    [InlineData("[1,2")]
    [InlineData("7 7")]
    public void Refuses_what_is_no_json(string text) => Assert.Equal(RejectReason.NotJson, Parsing.ReasonFor(text));

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0x80 })] // overlong
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })] // half a surrogate pair
    [InlineData(new byte[] { 0xE2, 0x82 })] // cut short
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })] // beyond U+10FFFF
    public void Refuses_invalid_utf8_even_where_nobody_looks(byte[] bytes)
    {
        byte[] Around(string before, string after) => [.. Encoding.UTF8.GetBytes(before), .. bytes, .. Encoding.UTF8.GetBytes(after)];
        byte[][] messages =
        [
            Around("""{"sensor_id":7,"timestamp":1732400000,"note":" """, "\"}"),
            Around("""{"sensor_id":7,"timestamp":1732400000,"note""", "\":1}"),
            Around("""{"sensor_id":7,"timestamp":1732400000,"a":[{"b":" """, "\"}]}"),
            Around(Good, ""),
            Around("", Good),
        ];
        Assert.All(messages, m => Assert.Equal(RejectReason.NotJson, Parsing.Parser.Parse(m, Parsing.Now, out _)));
    }

    [Fact]
    public void Refuses_other_encodings()
    {
        Assert.Equal(RejectReason.NotJson, Parsing.Parser.Parse(Encoding.Unicode.GetBytes(Good), Parsing.Now, out _));
        Assert.Equal(RejectReason.NotJson, Parsing.Parser.Parse(Encoding.BigEndianUnicode.GetBytes(Good), Parsing.Now, out _));
        Assert.Equal(RejectReason.NotJson, Parsing.Parser.Parse(Encoding.UTF32.GetBytes(Good), Parsing.Now, out _));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("7")]
    [InlineData("\"{}\"")]
    [InlineData("[]")]
    [InlineData("[" + Good + "]")]
    public void Refuses_json_that_is_not_an_object(string text) => Assert.Equal(RejectReason.NotAnObject, Parsing.ReasonFor(text));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"timestamp":1732400000,"temperature":21.5}""")]
    [InlineData("""{"Sensor_id":7,"timestamp":1732400000}""")]
    [InlineData("""{"sensor_id ":7,"timestamp":1732400000}""")]
    [InlineData("""{"sensor":{"sensor_id":7},"timestamp":1732400000}""")]
    public void A_reading_names_its_sensor(string text) => Assert.Equal(RejectReason.NoSensorId, Parsing.ReasonFor(text));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("7", 7)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("\"7\"", 7)]
    [InlineData("\"\\u0037\"", 7)]
    public void A_sensor_id_is_an_integer(string text, int expected) =>
        Assert.Equal(expected, Parsing.ParseGood(Parsing.Of(text)).SensorId);

    [Theory]
    [InlineData("7.0")]
    [InlineData("7.5")]
    [InlineData("7e0")]
    [InlineData("70E-1")]
    [InlineData("\"\"")]
    [InlineData("\"a\\nb\"")]
    [InlineData("\"a\\u0085b\"")]
    [InlineData("\"a\u200B\"")]
    [InlineData("\"a\\u200b\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("[7]")]
    [InlineData("""{"id":7}""")]
    public void Refuses_every_other_sensor_id(string text) =>
        Assert.Equal(RejectReason.InvalidSensorId, Parsing.ReasonFor(Parsing.Of(text)));

    [Theory]
    [InlineData("21.5", 21.5)]
    [InlineData("-273.15", -273.15)]
    [InlineData("10000", 10000)]
    [InlineData("1e4", 10000)]
    [InlineData("-0", -0.0)]
    [InlineData("1e-999", 0)]
    [InlineData("0.1", 0.1)]
    [InlineData("21.500000000000000000000000000000000000000000000000001", 21.5)]
    public void A_value_is_a_number_in_its_range(string text, double expected) =>
        Assert.Equal(expected, Parsing.ParseGood(Parsing.With(text)).Values[0]);

    [Theory]
    [InlineData("-273.16")]
    [InlineData("10000.001")]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    [InlineData("1e99999999999999999999")]
    [InlineData("\"21.5\"")]
    [InlineData("\"NaN\"")]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("[]")]
    [InlineData("[21.5]")]
    [InlineData("""{"celsius":21.5}""")]
    public void Refuses_every_other_value(string text)
    {
        Assert.Equal(RejectReason.InvalidValue, Parsing.ReasonFor(Parsing.With(text)));
        Assert.Equal(
            RejectReason.InvalidValue,
            Parsing.ReasonFor($$"""{"sensor_id":7,"timestamp":1732400000,"temperature":20,"humidity":{{text}}}"""));
    }

    [Theory]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":null,"humidity":60}""", double.NaN, 60)]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"humidity":60}""", double.NaN, 60)]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":21.5}""", 21.5, double.NaN)]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"humidity":null}""", double.NaN, double.NaN)]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000}""", double.NaN, double.NaN)]
    public void A_value_that_is_null_or_absent_is_a_disconnected_probe(string text, double temperature, double humidity)
    {
        var reading = Parsing.ParseGood(text);
        Assert.Equal((temperature, humidity), (reading.Values[0], reading.Values[1]));
    }

    [Theory]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"values":{"temperature":21.5,"humidity":60}}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"Temperature":21.5}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temp":21.5,"pressure":1013}""")]
    [InlineData("""{"battery":3.1,"timestamp":1732400000,"sensor_id":7}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature ":21.5}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"":null}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"\ud800":1}""")]
    public void Refuses_a_reading_whose_values_all_have_other_names(string text) =>
        Assert.Equal(RejectReason.NoMeasurement, Parsing.ReasonFor(text));

    [Theory]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"battery":3.1,"temperature":null}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"humidity":null,"battery":3.1}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"\u0074emperature":null,"battery":3.1}""")]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"timestamp":1732400000}""")]
    public void A_measurement_that_is_null_or_no_other_member_is_a_disconnected_probe(string text) =>
        Assert.Equal(double.NaN, Parsing.ParseGood(text).Values[0]);

    [Theory]
    [InlineData(
        """{"a":{"b":[{"sensor_id":9}],"temperature":"x"},"sensor_id":7,"timestamp":1732400000,"z":[[],{},null,"\"",1e999],"""
        + "\"temperature\":21.5}")]
    [InlineData("""{"":0,"sensor_id":7,"timestamp":1732400000,"unit":"°C","temperature":21.5,"sensor_id2":8,"temperatur":"x"}""")]
    [InlineData(" \t\r\n{ \"temperature\" : 21.5 , \"timestamp\" : 1732400000 , \"sensor_id\" : 7 } \n")]
    [InlineData("\uFEFF{\"sensor_id\":7,\"timestamp\":1732400000,\"temperature\":21.5}")]
    [InlineData("""{"sensor\u005fid":7,"\u0074imestamp":1732400000,"\u0074\u0065mperature":21.5}""")]
    [InlineData(
        """{"sensor_id":7,"timestamp":1732400000,"temperature":21.5,"\ud800":1,"\udc00\u0041":1,"\ud83d\ude00":1,"\ud83dx":1,"""
        + """ "\u00e9\n\/":1,"\u0074emp":"x"}""")]
    [InlineData(
        """{"sensor_id":7,"timestamp":1732400000,"temperature":21.5,"\u0074emperature\u0000":"x","\\temperature":"x","""
        + """ "temperature\"":"x"}""")]
    public void Order_space_escapes_and_unknown_members_do_not_matter(string text)
    {
        var reading = Parsing.ParseGood(text);
        Assert.Equal((7, 1_732_400_000_000_000, 21.5), (reading.SensorId, reading.Timestamp, reading.Values[0]));
    }

    [Theory]
    [InlineData(
        """{"sensor_id":true,"sensor_id":7,"timestamp":null,"timestamp":1732400000,"temperature":"x","temperature":21.5}""",
        RejectReason.None)]
    [InlineData("""{"sensor_id":1,"timestamp":1732400000,"temperature":1,"sensor_id":7,"temperature":21.5}""", RejectReason.None)]
    [InlineData("""{"sensor_id":7,"sensor_id":true,"timestamp":1732400000}""", RejectReason.InvalidSensorId)]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"timestamp":null}""", RejectReason.NoTimestamp)]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"timestamp":0}""", RejectReason.InvalidTimestamp)]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"temperature":1,"\u0074emperature":"x"}""", RejectReason.InvalidValue)]
    [InlineData("""{"sensor_id":7,"timestamp":1732400000,"humidity":"x","temperature":"x","temperature":1}""", RejectReason.InvalidValue)]
    public void Of_two_members_the_last_counts(string text, RejectReason expected)
    {
        Assert.Equal(expected, Parsing.Parse(text, out var reading));
        if (expected == RejectReason.None)
        {
            Assert.Equal((7, 1_732_400_000_000_000, 21.5), (reading.SensorId, reading.Timestamp, reading.Values[0]));
        }
    }

    [Fact]
    public void The_last_of_two_values_counts_even_if_it_is_null() =>
        Assert.Equal(
            double.NaN, Parsing.ParseGood("""{"sensor_id":7,"timestamp":1732400000,"temperature":1,"temperature":null}""").Values[0]);

    [Theory]
    [InlineData("""{"temperature":"x","timestamp":0,"sensor_id":1.5}x""", RejectReason.NotJson)]
    [InlineData("""{"temperature":"x","timestamp":0,"sensor_id":1.5}""", RejectReason.InvalidSensorId)]
    [InlineData("""{"temperature":"x","timestamp":0}""", RejectReason.NoSensorId)]
    [InlineData("""{"temperature":"x","timestamp":0,"sensor_id":1}""", RejectReason.InvalidTimestamp)]
    [InlineData("""{"temperature":"x","sensor_id":1}""", RejectReason.NoTimestamp)]
    [InlineData("""{"temperature":"x","sensor_id":1,"timestamp":1732400000}""", RejectReason.InvalidValue)]
    [InlineData("""{"temp":1,"sensor_id":true,"timestamp":1732400000}""", RejectReason.InvalidSensorId)]
    [InlineData("""{"temp":1,"sensor_id":1,"timestamp":0}""", RejectReason.InvalidTimestamp)]
    [InlineData("""{"temp":1,"sensor_id":1,"timestamp":1732400000,"humidity":"x"}""", RejectReason.InvalidValue)]
    public void Of_several_reasons_the_first_in_the_order_of_the_enumeration_is_given(string text, RejectReason expected) =>
        Assert.Equal(expected, Parsing.ReasonFor(text));

    [Fact]
    public void Up_to_64_KiB_are_read()
    {
        var padding = new string(' ', ReadingParser.MaxBytes - Good.Length);
        Assert.Equal(RejectReason.None, Parsing.ReasonFor(Good + padding));
        Assert.Equal(RejectReason.TooLarge, Parsing.ReasonFor(Good + padding + " "));
        Assert.Equal(RejectReason.TooLarge, Parsing.ReasonFor(new string('x', ReadingParser.MaxBytes + 1)));
        Assert.Equal(RejectReason.NotJson, Parsing.ReasonFor(new string('x', ReadingParser.MaxBytes)));
    }

    [Fact]
    public void A_message_full_of_digits_is_judged()
    {
        var digits = new string('9', 60_000);
        Assert.Equal(RejectReason.InvalidSensorId, Parsing.ReasonFor(Parsing.Of(digits)));
        Assert.Equal(RejectReason.InvalidTimestamp, Parsing.ReasonFor(Parsing.At(digits)));
        Assert.Equal(RejectReason.InvalidValue, Parsing.ReasonFor(Parsing.With(digits)));
        Assert.Equal(22, Parsing.ParseGood(Parsing.With("21." + digits)).Values[0]);
        Assert.Equal(1732400000_000000, Parsing.ParseGood(Parsing.At("0." + new string('0', 60_000) + "17324e60010")).Timestamp);
    }

    [Fact]
    public void Nesting_is_followed_64_deep()
    {
        string Nested(int depth) =>
            $$"""{"sensor_id":7,"timestamp":1732400000,"temperature":1,"a":{{new string('[', depth)}}{{new string(']', depth)}}}""";
        Assert.Equal(RejectReason.None, Parsing.ReasonFor(Nested(ReadingParser.MaxDepth - 1)));
        Assert.Equal(RejectReason.NotJson, Parsing.ReasonFor(Nested(ReadingParser.MaxDepth)));
        Assert.Equal(RejectReason.NotJson, Parsing.ReasonFor(Nested(30_000)));
    }

    [Fact]
    public void Every_reason_has_a_token_of_its_own()
    {
        var tokens = Enum.GetValues<RejectReason>().Select(r => r.ToToken()).ToList();
        Assert.Equal(tokens.Count, tokens.Distinct().Count());
        Assert.Equal("not-json", RejectReason.NotJson.ToToken());
        Assert.All(tokens, t => Assert.Matches("^[a-z]+(-[a-z]+)*$", t));
    }
}
