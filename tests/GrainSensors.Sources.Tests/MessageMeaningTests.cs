using Google.Protobuf;
using GrainSensors.Core.Readings;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Schemas;
using GrainSensors.Sources.Tests.Schemas;

namespace GrainSensors.Sources.Tests;

public sealed class MessageMeaningTests : IDisposable
{
    private static readonly SourceOptions Uplinks = new()
    {
        Name = "uplinks",
        Topics = ["uplinks"],
        Format = SourceFormat.Csv,
        Columns = ["id", "t", "temp"],
        Delimiter = ";",
        Mapping = new()
        {
            Sensor = "{/id}",
            Time = "/t",
            TimeUnit = TimeUnit.Ms,
            RequireOffset = true,
            Values = new Dictionary<string, string> { ["temperature"] = "/temp", ["batterie ü"] = "/b" },
            Numbers = "/object",
            Prefix = "{key}_",
            Include = ["a*"],
            Exclude = ["ab"],
            ExcludeTopics = ["x/*"],
            Topic = "a/{b}",
            Readings = "/list/*",
        },
    };

    private static readonly Measurement[] Measurements =
    [
        new("temperature", -40, 60) { Missing = [-127, 85], Conversion = new(5 / 9.0, -160 / 9.0), Unit = "°C", SentUnit = "°F" },
        new("humidity", 0, 100),
    ];

    private readonly SourceSchemas _schemas = new();

    public void Dispose() => _schemas.Dispose();

    [Fact]
    public void A_meaning_is_read_as_it_was_written()
    {
        var discovery = new DiscoveryRules { Include = ["*"], Exclude = ["rssi"], MaxPerReading = 10 };
        var json = MessageMeaning.Of(Measurements, discovery, 17, Uplinks, _schemas).ToJson();

        var read = MessageMeaning.Parse(json, Uplinks with { Mapping = new(), Format = null, Columns = [] }, _schemas);

        Assert.Equal(json, read?.ToJson());
        Assert.Equal([-127, 85], read!.Measurements[0].Missing);
        Assert.Equal(new(5 / 9.0, -160 / 9.0), read.Measurements[0].Conversion);
        Assert.Equal(17, read.Earliest);
    }

    [Fact]
    public void A_preset_and_the_mapping_that_it_stands_for_mean_the_same()
    {
        var preset = Uplinks with { Preset = SourcePreset.ChirpStack, Format = null, Mapping = new(), Columns = [] };
        var written = preset with
        {
            Preset = SourcePreset.None,
            Mapping = new() { Sensor = "{/deviceInfo/devEui}", Time = "/time", Numbers = "/object" },
        };
        Assert.Equal(JsonOf(preset), JsonOf(written));
    }

    [Fact]
    public void What_does_not_decide_the_meaning_is_left_out()
    {
        var other = Uplinks with
        {
            Name = "other",
            Topics = ["others"],
            Start = SourceOptions.Latest,
            SchemaRegistry = new() { Url = "http://registry", BasicAuthUserInfo = "me:secret" },
        };
        Assert.Equal(JsonOf(Uplinks), JsonOf(other));
        Assert.DoesNotContain("secret", JsonOf(other), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not JSON")]
    [InlineData("""{"measurements":[],"earliest":0,"dialect":2}""")]
    [InlineData("""{"measurements":[{"name":"t","min":0,"max":1,"curve":"x"}],"earliest":0}""")]
    public void A_meaning_of_a_later_release_is_not_guessed(string json) => Assert.Null(MessageMeaning.Parse(json, null, _schemas));

    [Fact]
    public void Messages_by_other_descriptors_are_not_guessed()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "farm.desc");
        File.WriteAllBytes(file, SchemaSamples.Descriptors.ToByteArray());
        var raw = new SourceOptions
        {
            Format = SourceFormat.ProtobufRaw,
            DescriptorFile = file,
            MessageType = SchemaSamples.ProtobufType,
            Mapping = SchemaSamples.Mapping,
        };
        var json = JsonOf(raw);
        Assert.NotNull(MessageMeaning.Parse(json, raw, _schemas));
        var other = json.Replace("\"descriptors\":\"", "\"descriptors\":\"0", StringComparison.Ordinal);
        Assert.Null(MessageMeaning.Parse(other, raw, _schemas));
    }

    [Fact]
    public void A_source_that_has_another_format_now_is_read_as_before()
    {
        var avro = Uplinks with { Format = SourceFormat.Avro, SchemaRegistry = new() { Url = "http://registry" } };
        Assert.Equal(SourceFormat.Csv, MessageMeaning.Parse(JsonOf(Uplinks), avro, _schemas)?.Source?.Format);
        Assert.Equal("", MessageMeaning.Parse(JsonOf(Uplinks), avro, _schemas)?.Source?.SchemaRegistry.Url);
    }

    private string JsonOf(SourceOptions source) => MessageMeaning.Of(Measurements, DiscoveryRules.None, 0, source, _schemas).ToJson();
}
