using GrainSensors.Hosting.Configuration;
using GrainSensors.Sources.Configuration;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Hosting.Tests.Configuration;

/// <summary>Sources of the configuration.</summary>
public sealed class SourceOptionsTests
{
    [Fact]
    public void A_source_is_bound_with_its_mapping()
    {
        var source = Assert.Single(Load(
            ("Name", "greenhouse"),
            ("Topics:0", "greenhouse.*"),
            ("Format", "senml-cbor"),
            ("Preset", "things-stack"),
            ("Mapping:Readings", "/data/*"),
            ("Mapping:TimeUnit", "ms"),
            ("Mapping:RequireOffset", "true"),
            ("Mapping:Values:temperature", "/data/*/temp"),
            ("Mapping:Numbers", "/data/*"),
            ("Mapping:Exclude:0", "x*"),
            ("Columns:0", "a"),
            ("Start", "latest")).Options.Sources);

        Assert.Equal(("greenhouse", SourceFormat.SenMlCbor, SourcePreset.ThingsStack), (source.Name, source.Format!.Value, source.Preset));
        Assert.Equal(("/data/*", TimeUnit.Ms), (source.Mapping.Readings, source.Mapping.TimeUnit!.Value));
        Assert.True(source.Mapping.RequireOffset);
        Assert.Equal(["temperature=/data/*/temp"], source.Mapping.Values!.Select(value => $"{value.Key}={value.Value}"));
        Assert.Equal(["x*", "a", "latest"], [.. source.Mapping.Exclude!, .. source.Columns, source.Start]);
        Assert.Null(source.Mapping.Include);
    }

    [Theory]
    [InlineData("Preset", "chirp", "GrainSensors:Sources:0:Preset must be none or chirpstack or things-stack")]
    [InlineData(
        "Mapping:Sensr", "{key}",
        "GrainSensors:Sources:0:Mapping:Sensr is not a known key; did you mean GrainSensors:Sources:0:Mapping:Sensor?")]
    [InlineData("Topics:0", "sensor-data-dlq", "GrainSensors:Sources:0:Topics:0 must not be sensor-data-dlq, a topic of GrainSensors; got")]
    [InlineData("Mapping:Sensor", "{nobody}", "GrainSensors:Sources:0:Mapping:Sensor must have placeholders")]
    [InlineData("Start", "soon", "GrainSensors:Sources:0:Start must be earliest, latest, or a time")]
    public void A_wrong_source_is_named_with_the_cure(string key, string value, string error) => Assert.StartsWith(
        error,
        Assert.Throws<UsageException>(() => Load(("Name", "a"), ("Topics:0", "b"), ("Preset", "chirpstack"), (key, value))).Message,
        StringComparison.Ordinal);

    /// <param name="values">Keys of the first source; the last value of a key counts.</param>
    private static PipelineConfiguration Load(params (string Key, string Value)[] values) => PipelineConfiguration.From(
        new ConfigurationBuilder().AddInMemoryCollection(values
            .GroupBy(value => value.Key)
            .Select(same => KeyValuePair.Create($"GrainSensors:Sources:0:{same.Key}", (string?)same.Last().Value))).Build());
}
