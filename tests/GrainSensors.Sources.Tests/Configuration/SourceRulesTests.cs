using Google.Protobuf;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Tests.Schemas;

namespace GrainSensors.Sources.Tests.Configuration;

/// <summary>A wrong source is refused with its key, the offending value and the cure.</summary>
public sealed class SourceRulesTests
{
    private static readonly SourceRules Rules = new("Sources", ["sensor-data", "log-data"]);

    private static readonly SourceOptions Right = new() { Name = "lora", Topics = ["lora.*"], Preset = SourcePreset.ChirpStack };

    [Fact]
    public void Right_sources_are_accepted() => Assert.Empty(Rules.Check(
        [Right, new() { Name = "tasmota", Topics = ["tele"], Preset = SourcePreset.Tasmota, Start = "2026-11-24" }]));

    [Theory]
    [InlineData("*", "Topics:0 must begin with another character than _, * or ?, which internal topics of Kafka such as "
        + "__consumer_offsets match")]
    [InlineData("__consumer_offsets", "Topics:0 must begin with another character than _, * or ?, which internal topics of Kafka such as "
        + "__consumer_offsets match")]
    [InlineData("log-data", "Topics:0 must not be log-data, a topic of GrainSensors")]
    [InlineData("s*-data", "Topics:0 must not match sensor-data, a topic of GrainSensors")]
    [InlineData("?_consumer_offsets", "Topics:0 must begin with another character than _, * or ?, which internal topics of Kafka such as "
        + "__consumer_offsets match")]
    [InlineData("sensor?data", "Topics:0 must not match sensor-data, a topic of GrainSensors")]
    [InlineData("a b", "Topics:0 must be 1 to 249 letters, digits, dots, dashes, underscores, * or ?")]
    public void Own_and_internal_topics_are_refused(string topic, string rule) =>
        Assert.Equal([$"Sources:0:{rule}; got \"{topic}\"."], Rules.Check([Right with { Topics = [topic] }]));

    [Fact]
    public void Two_sources_share_neither_a_name_nor_a_topic() => Assert.Equal(
        [
            "Sources:1:Name must be another one than that of Sources:0; got \"LORA\".",
            "Sources:1:Topics must not have a topic of Sources:0 (lora); got \"*.eu\".",
        ],
        Rules.Check([Right, Right with { Name = "LORA", Topics = ["x", "*.eu"] }]).Where(failure => !failure.Contains("must begin")));

    [Fact]
    public void A_source_has_a_name_a_topic_and_a_start() => Assert.Equal(
        [
            "Sources:0:Name must be 1 to 64 letters, digits, dots, dashes or underscores; got \"\".",
            "Sources:0:Start must be earliest, latest, or a time such as 2026-11-24, 2026-11-24T10:15:00Z, 2026-11-24T11:15:00+01:00 "
            + "or epoch seconds; got \"now\".",
            "Sources:0:Topics is empty; give Topics:0 the name of a Kafka topic, or a pattern such as devices.*.",
        ],
        Rules.Check([Right with { Name = "", Topics = [], Start = "now" }]));

    public static TheoryData<MappingOptions, string> WrongMappings => new()
    {
        { new(), "Mapping:Values is missing; give Mapping:Values, such as temperature = /object/temp, or Mapping:Numbers" },
        { new() { Numbers = "" }, "Mapping:Sensor is missing; give a text such as {/deviceInfo/devEui} or {key}" },
        { new() { Numbers = "", Sensor = "{x}" }, "Mapping:Sensor must have placeholders {/path}, {key}, {topic}, {header:NAME}, or a name "
            + "of Mapping:Topic or Mapping:Readings; got \"{x}\"" },
        { new() { Numbers = "", Sensor = "{" },
            "Mapping:Sensor must be a text with placeholders in pairs of braces, such as {/deviceInfo/devEui} or {key}; got \"{\"" },
        { new() { Numbers = "", Sensor = "{key}}" },
            "Mapping:Sensor must be a text with placeholders in pairs of braces, such as {/deviceInfo/devEui} or {key}; got \"{key}}\"" },
        { new() { Numbers = "", Sensor = "{/{a}/x" },
            "Mapping:Sensor must be a text with placeholders in pairs of braces, such as {/deviceInfo/devEui} or {key}; got \"{/{a}/x\"" },
        { new() { Numbers = "", Sensor = "{key}", Time = "time" },
            "Mapping:Time must be a JSON pointer such as /object/temperature; got \"time\"" },
        { new() { Numbers = "/data", Sensor = "{key}", Readings = "/data/*" },
            "Mapping:Numbers must begin with Mapping:Readings, /data/*; got \"/data\"" },
        { new() { Numbers = "/a/*", Sensor = "{key}" },
            "Mapping:Numbers must have * and names in braces only where it begins with Mapping:Readings; got \"/a/*\"" },
        { new() { Numbers = "", Sensor = "{key}", Readings = "/{a}/{b}" },
            "Mapping:Readings must have one name in braces at most; got \"/{a}/{b}\"" },
        { new() { Numbers = "", Sensor = "{key}", Topic = "{a}{b}" },
            "Mapping:Topic must have a text between two names in braces; got \"{a}{b}\"" },
        { new() { Values = new Dictionary<string, string> { ["a"] = "b" }, Sensor = "{key}" },
            "Mapping:Values:a must be a JSON pointer such as /object/temperature; got \"b\"" },
    };

    [Theory]
    [MemberData(nameof(WrongMappings))]
    public void A_wrong_mapping_is_named(MappingOptions mapping, string rule) => Assert.Equal(
        [$"Sources:0:{rule}."], Rules.Check([new() { Name = "a", Topics = ["b"], Mapping = mapping }]));

    private static readonly SourceOptions Registered = Right with
    {
        Preset = SourcePreset.None,
        Format = SourceFormat.Avro,
        SchemaRegistry = new() { Url = "https://registry:8081,http://other" },
        Mapping = new() { Sensor = "{key}", Numbers = "" },
    };

    private static readonly SourceOptions Raw = Registered with { Format = SourceFormat.ProtobufRaw, SchemaRegistry = new() };

    public static TheoryData<SourceOptions, string> WrongSchemas => new()
    {
        { Registered with { SchemaRegistry = new() },
            "SchemaRegistry:Url is missing; give the address of the schema registry, such as https://registry:8081" },
        { Registered with { SchemaRegistry = new() { Url = "registry" } },
            "SchemaRegistry:Url must be an address such as https://registry:8081; got \"registry\"" },
        { Registered with { SchemaRegistry = new() { Url = "ftp://registry" } },
            "SchemaRegistry:Url must be an address such as https://registry:8081; got \"ftp://registry\"" },
        { Registered with { SchemaRegistry = new() { Url = "http://me:secret@registry" } },
            "SchemaRegistry:Url must have neither a user nor a password; set SchemaRegistry:BasicAuthUserInfo" },
        { Registered with { SchemaRegistry = new() { Url = "me:secret@registry" } },
            "SchemaRegistry:Url must be an address such as https://registry:8081; got a text with @, which may have a password" },
        { Registered with { SchemaRegistry = Registered.SchemaRegistry with { BasicAuthUserInfo = "secret" } },
            "SchemaRegistry:BasicAuthUserInfo must be USER:PASSWORD; the given value may be a secret and is not shown" },
        { Registered with { SchemaRegistry = Registered.SchemaRegistry with { SslCaLocation = "missing.pem" } },
            "SchemaRegistry:SslCaLocation must be a PEM file; \"missing.pem\" does not exist" },
        { Registered with { Format = SourceFormat.Json }, "SchemaRegistry:Url belongs to the formats avro and protobuf; remove it, "
            + "or set Format" },
        { Registered with { Format = SourceFormat.JsonSchema }, "SchemaRegistry:Url belongs to the formats avro and protobuf; remove it, "
            + "because json-schema needs no registry" },
        { Registered with { DescriptorFile = "x.desc" },
            "DescriptorFile belongs to the format protobuf-raw; remove it, or set Format to protobuf-raw; got \"x.desc\"" },
        { Registered with { MessageType = "x.Y" },
            "MessageType belongs to the format protobuf-raw; remove it, or set Format to protobuf-raw; got \"x.Y\"" },
        { Raw, "DescriptorFile is missing; give the file that protoc --include_imports --descriptor_set_out=FILE writes" },
        { Raw with { DescriptorFile = "missing.desc" },
            "MessageType is missing; give the full name of the message type, such as farm.v1.Reading" },
    };

    [Theory]
    [MemberData(nameof(WrongSchemas))]
    public void Wrong_options_of_a_schema_are_named_without_secrets(SourceOptions options, string rule)
    {
        Assert.Equal([$"Sources:0:{rule}."], Rules.Check([options]));
        Assert.Empty(Rules.Check([Registered]));
    }

    [Fact]
    public void A_file_of_descriptors_must_be_there_and_have_the_message_type()
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "farm.desc");
        var options = Raw with { DescriptorFile = file, MessageType = "farm.Bach" };
        Assert.StartsWith(
            $"Sources:0:DescriptorFile must be a file that can be read; got \"{file}\": ", Assert.Single(Rules.Check([options])),
            StringComparison.Ordinal);

        File.WriteAllBytes(file, [1, 2, 3]);
        Assert.StartsWith(
            "Sources:0:DescriptorFile must be a file that protoc --include_imports --descriptor_set_out=FILE writes; ",
            Assert.Single(Rules.Check([options])), StringComparison.Ordinal);

        File.WriteAllBytes(file, SchemaSamples.Descriptors.ToByteArray());
        Assert.Equal(
            $"Sources:0:MessageType must be a message type of \"{file}\"; got \"farm.Bach\". The set of Protobuf descriptors has no "
            + "message type \"farm.Bach\"; it has farm.Batch, farm.Reading.",
            Assert.Single(Rules.Check([options])));
        Assert.Empty(Rules.Check([options with { MessageType = "farm.Batch" }]));
    }

    [Fact]
    public void Columns_and_delimiter_of_CSV_are_checked() => Assert.Equal(
        [
            "Sources:0:Columns must have different names; got \"a\" twice.",
            "Sources:0:Delimiter must be one character, such as a comma, a semicolon or a tab; got \"::\".",
        ],
        Rules.Check(
        [
            new()
            {
                Name = "a", Topics = ["b"], Format = SourceFormat.Csv, Columns = ["a", "a"], Delimiter = "::",
                Mapping = new() { Sensor = "{key}", Numbers = "" },
            },
        ]));
}
