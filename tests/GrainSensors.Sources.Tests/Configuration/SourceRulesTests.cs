using GrainSensors.Sources.Configuration;

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
