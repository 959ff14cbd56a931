using System.Formats.Cbor;
using GrainSensors.Sources.Configuration;

namespace GrainSensors.Sources.Tests.Formats;

/// <summary>From the bytes of each format to readings; the samples of the presets show others.</summary>
public sealed class FormatTests
{
    private static readonly MappingOptions Flat = new() { Sensor = "{/id}", Time = "/time", Numbers = "" };

    private static readonly MappingOptions Named = Flat with
    {
        Numbers = null,
        Values = new Dictionary<string, string> { ["a"] = "/a", ["b"] = "/b" },
    };

    [Fact]
    public void A_bad_line_of_NDJSON_leaves_the_others()
    {
        var log = ReadingLog.Of(Flat, "{\"id\":1,\"a\":1}\r\n\n{\"id\":2,\n {\"id\":3,\"a\":3}", SourceFormat.NdJson);

        Assert.Equal(["1 - a=1", "3 - a=3"], log.Lines);
        Assert.Equal(1, Assert.Single(log.Rejected).Index);
    }

    [Theory]
    [InlineData(499, "0 malformed: the message is not valid JSON: line 500, byte 9")]
    [InlineData(0, "0 malformed: the message is not valid JSON: line 1, byte 9")]
    public void A_bad_line_of_NDJSON_has_its_place_in_the_message(int before, string rejection) =>
        Assert.Equal(rejection, ReadingLog.Of(Flat, $"{new string('\n', before)}  {{\"id\":}}\n", SourceFormat.NdJson).Rejection);

    [Fact]
    public void CSV_whose_line_of_columns_is_broken_is_rejected() => Assert.Equal(
        "malformed: the line with the names of the columns is not valid CSV: text follows a closing quote",
        ReadingLog.Of(Named, "\"id\"x,a,b\nid,a,b\n7,1,2", SourceFormat.Csv).Rejection);

    [Theory]
    [InlineData("7083057E10051123", "7083057E10051123")]
    [InlineData("7.0", "7.0")]
    [InlineData("007", "007")]
    [InlineData("7", "7")]
    [InlineData("On", "On")]
    [InlineData("true", "true")]
    public void A_sensor_of_CSV_is_the_text_of_its_cell(string cell, string sensor)
    {
        Assert.Equal($"{sensor} - a=1", ReadingLog.Of(Named, $"id,a\n{cell},ON", SourceFormat.Csv).Line);
        Assert.Equal($"{sensor} - a=-2.5 b=0", ReadingLog.Of(Flat, $"id,a,b,c\n{cell},-2.5,off,x", SourceFormat.Csv).Line);
    }

    [Fact]
    public void The_first_line_of_CSV_names_the_columns()
    {
        var log = ReadingLog.Of(
            Named,
            "\uFEFFid,time,a,\"b\"\r\n007,2026-11-24T10:15:00Z,+21.5,NaN\r\nx,,\"1\",\n\"a \"\"b\"\"\",1795515300,.5,off\n",
            SourceFormat.Csv);

        Assert.Equal(
            ["007 2026-11-24T10:15:00Z a=21.5 b=null", "x - a=1 b=null", "a \"b\" 2026-11-24T10:15:00Z a=0.5 b=0"], log.Lines);
    }

    [Fact]
    public void Offsets_of_times_survive_the_conversion_to_JSON() => Assert.Equal(
        "é<&>'+ 2026-11-24T10:15:00Z a=1 b=-1",
        ReadingLog.Of(Named, "id,time,a,b\né<&>'+,2026-11-24T11:15:00+01:00,+1,-1", SourceFormat.Csv).Line);

    [Fact]
    public void Configured_columns_and_delimiter_of_CSV_count()
    {
        var options = new SourceOptions { Format = SourceFormat.Csv, Columns = ["id", "a", "b"], Delimiter = ";", Mapping = Named };

        Assert.Equal(["7 - a=1 b=2", "8 - a=3"], ReadingLog.Of(options, "id;a;b\n7;1;2\n8;3\n"u8).Lines);
        Assert.Equal("0 malformed: the line has 4 cells, and there are 3 columns", ReadingLog.Of(options, "7;1;2;3"u8).Rejection);
        Assert.Equal("0 malformed: the line is not valid CSV: a quote is not closed", ReadingLog.Of(options, "\"7;1;2"u8).Rejection);
        Assert.Equal(
            "0 malformed: the line is not valid CSV: text follows a closing quote", ReadingLog.Of(options, "\"7\"x;1;2"u8).Rejection);
    }

    [Fact]
    public void A_decimal_comma_in_CSV_with_commas_is_rejected() => Assert.Equal(
        "0 malformed: the line has 4 cells, and there are 3 columns",
        ReadingLog.Of(
            new SourceOptions { Format = SourceFormat.Csv, Columns = ["id", "a", "b"], Mapping = Named }, "7,21,5,60"u8).Rejection);

    [Fact]
    public void CBOR_has_the_mapping_of_JSON()
    {
        var cbor = new CborWriter();
        cbor.WriteStartMap(null);
        cbor.WriteTextString("id");
        cbor.WriteStartIndefiniteLengthTextString();
        cbor.WriteTextString("kitchen");
        cbor.WriteTextString("-1");
        cbor.WriteEndIndefiniteLengthTextString();
        cbor.WriteTextString("time");
        cbor.WriteTag(CborTag.DateTimeString);
        cbor.WriteTextString("2026-11-24T10:15:00Z");
        cbor.WriteTextString("v");
        cbor.WriteStartArray(4);
        cbor.WriteHalf((Half)1.5);
        cbor.WriteDouble(double.NaN);
        cbor.WriteSingle(float.PositiveInfinity);
        cbor.WriteCborNegativeIntegerRepresentation(ulong.MaxValue);
        cbor.WriteEndArray();
        cbor.WriteInt32(-5);
        cbor.WriteBoolean(true);
        cbor.WriteEndMap();

        Assert.Equal(
            "kitchen-1 2026-11-24T10:15:00Z v_0=1.5 v_1=null v_2=null v_3=-1.8446744073709552E+19 -5=1",
            ReadingLog.Of(new SourceOptions { Format = SourceFormat.Cbor, Mapping = Flat }, cbor.Encode()).Line);
    }

    [Theory]
    [InlineData(new byte[] { 0xa1, 0x61, 0x61 }, "malformed: the message is not valid CBOR: ")]
    [InlineData(new byte[] { 0x01, 0x02 }, "malformed: the message has 1 bytes behind its CBOR value")]
    [InlineData(new byte[] { 0xa1, 0x61, 0xff, 0x01 }, "malformed: the message is not valid CBOR: a text is not valid UTF-8")]
    [InlineData(new byte[] { 0xa1, 0x80, 0x01 }, "malformed: the message is not valid CBOR: a key of a map must be text or an integer")]
    [InlineData(new byte[] { 0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, "malformed: the message is not valid CBOR: ")]
    public void CBOR_that_is_broken_is_rejected(byte[] payload, string rejection) => Assert.StartsWith(
        rejection,
        ReadingLog.Of(new SourceOptions { Format = SourceFormat.Cbor, Mapping = Flat }, payload).Rejection,
        StringComparison.Ordinal);

    [Fact]
    public void CBOR_has_64_levels_at_most() => Assert.Equal(
        "malformed: the message is not valid CBOR: it has more than 64 levels",
        ReadingLog.Of(
            new SourceOptions { Format = SourceFormat.Cbor, Mapping = Flat }, [.. Enumerable.Repeat((byte)0x81, 60_000), 0x01]).Rejection);

    [Fact]
    public void SenML_in_CBOR_has_the_labels_of_the_RFC() => Assert.Equal(
        ["urn:dev:mac:0024befffe804ff1 2026-11-24T10:15:00Z voltage=120.5 current=1.5"],
        ReadingLog.Of(new SourceOptions { Preset = SourcePreset.SenMlCbor }, Fuzzing.SourceFuzzTests.CborSenMl()).Lines);

    [Fact]
    public void Times_of_SenML_below_2_to_the_28_are_relative_to_the_message() => Assert.Equal(
        ["t 2026-11-24T10:14:50.500000Z value=1", "t 2026-11-24T10:15:00Z value=2"],
        ReadingLog.Of(
            SourcePreset.SenMl, """[{"n":"t","t":-9.5,"v":1},{"n":"t","v":2}]""", timestamp: "2026-11-24T10:15:00Z").Lines);

    [Fact]
    public void Two_values_of_SenML_with_one_name_and_time_are_two_readings() => Assert.Equal(
        ["t - value=1", "t - value=2"], ReadingLog.Of(SourcePreset.SenMl, """[{"n":"t","v":1},{"n":"t","v":2}]""").Lines);

    [Fact]
    public void Base_values_and_sums_of_SenML_are_added() => Assert.Equal(
        "meter - flow=11.5 flow_sum=103",
        ReadingLog.Of(SourcePreset.SenMl, """[{"bn":"meter/","bv":10,"bs":100},{"n":"flow","v":1.5,"s":3}]""").Line);

    [Fact]
    public void SenML_in_CBOR_with_a_number_that_is_not_finite_is_rejected() => Assert.Equal(
        "0 malformed: the record is not valid SenML: v must be a number",
        ReadingLog.Of(
            new SourceOptions { Preset = SourcePreset.SenMlCbor }, [0x81, 0xa2, 0x00, 0x61, 0x74, 0x02, 0xf9, 0x7e, 0x00]).Rejection);
}
