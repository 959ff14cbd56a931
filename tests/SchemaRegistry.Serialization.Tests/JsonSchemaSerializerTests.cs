using System.Text;
using Confluent.SchemaRegistry;

namespace SchemaRegistry.Serialization.Tests;

public sealed class JsonSchemaSerializerTests
{
    private const string Schema = """
        {"title":"Reading","type":"object","required":["sensor"],
         "properties":{"sensor":{"type":"string","minLength":1},"temperature":{"type":"number","minimum":-273}}}
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_is_read_as_it_was_written()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new JsonSchemaSerializer(fixture.Client, new() { Schema = Schema });

        var message = await serializer.SerializeAsync(new Reading("s1", 21.5), "readings", Cancel);

        Assert.Equal("""{"sensor":"s1","temperature":21.5}""", Encoding.UTF8.GetString(message.AsSpan(5)));
        Assert.Equal(new Reading("s1", 21.5), await serializer.DeserializeAsync<Reading>(message, Cancel));
        Assert.Contains(
            fixture.Registry.Requests, request => request.StartsWith("POST /subjects/readings-value/versions?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_schema_the_latest_version_of_the_subject_is_written()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("readings-value", "{}", "JSON");
        var id = fixture.Registry.Add("readings-value", Schema, "JSON");

        var message = await new JsonSchemaSerializer(fixture.Client).SerializeAsync(new Reading("s1", 1), "readings", Cancel);

        Assert.Equal(id, message[4]);
    }

    [Fact]
    public async Task What_does_not_match_is_refused_in_both_directions()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new JsonSchemaSerializer(fixture.Client, new() { Schema = Schema });
        var lenient = new JsonSchemaSerializer(fixture.Client, new() { Schema = Schema, Validate = false });

        var written = await Assert.ThrowsAsync<SchemaFormatException>(
            () => serializer.SerializeAsync(new Reading("s1", -300), "readings", Cancel).AsTask());
        var bad = await lenient.SerializeAsync(new Reading("s1", -300), "readings", Cancel);
        var read = await Assert.ThrowsAsync<SchemaFormatException>(() => serializer.DeserializeAsync<Reading>(bad, Cancel).AsTask());

        Assert.Contains("\"readings-value\"", written.Message, StringComparison.Ordinal);
        Assert.Contains("/temperature: -300", read.Message, StringComparison.Ordinal);
        Assert.Equal(1, read.SchemaId);
        Assert.Equal(-300, (await lenient.DeserializeAsync<Reading>(bad, Cancel)).Temperature);
    }

    [Fact]
    public async Task References_between_schemas_are_resolved()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("place", """{"type":"object","required":["city"]}""", "JSON");
        fixture.Registry.Add("t", """{"properties":{"place":{"$ref":"place.json"}}}""", "JSON", references: ("place.json", "place", 1));

        await ReadAsync(fixture, 2, """{"place":{"city":"HH"}}""");
        await AssertRefusedAsync(fixture, 2, """{"place":{}}""", "/place");
    }

    [Theory]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""", "applies itself")]
    [InlineData("""{"not":{"$ref":"#"}}""", "applies itself")]
    [InlineData("""{"$ref":"#"}""", "")]
    [InlineData(
        """{"properties":{"a":{"anyOf":[{"$ref":"#/definitions/b"}]}},"definitions":{"b":{"if":{"$ref":"#/properties/a"}}}}""", "itself")]
    [InlineData(
        """{"$schema":"https://json-schema.org/draft/2020-12/schema","$dynamicAnchor":"n","allOf":[{"$dynamicRef":"#n"}]}""", "use $ref")]
    [InlineData("""{"properties":{"a":{"$ref":"https://example.invalid/missing.json"}}}""", "missing.json")]
    [InlineData("""{"type":7}""", "")]
    [InlineData("""{"type":""", "")]
    [InlineData("null", "")]
    public async Task Hostile_schemas_are_refused(string schema, string reason)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t", schema, "JSON");

        await AssertRefusedAsync(fixture, 1, """{"a":1}""", reason);
    }

    [Fact]
    public async Task A_schema_that_applies_a_million_schemas_to_one_value_is_refused()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var levels = Enumerable.Range(1, 14).Select(level =>
            $$"""
            "l{{level}}":{"allOf":[{"$ref":"#/definitions/l{{level - 1}}"},{"$ref":"#/definitions/l{{level - 1}}"}]}
            """);
        fixture.Registry.Add(
            "t",
            $$$"""{"$ref":"#/definitions/l14","definitions":{"l0":{"type":"object"},{{{string.Join(',', levels)}}}}}""",
            "JSON");

        await AssertRefusedAsync(fixture, 1, "{}", "to one value");
    }

    [Theory]
    [InlineData("^(a+)+$", "does not match")]
    [InlineData("^(?=a)(a+)+$", "cannot be applied")]
    public async Task A_slow_expression_ends(string pattern, string reason)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add(
            "t", $$$"""{"patternProperties":{"{{{pattern}}}":false},"propertyNames":{"pattern":"{{{pattern}}}"}}""", "JSON");

        await AssertRefusedAsync(fixture, 1, $$"""{"{{new string('a', 60)}}!":1}""", reason);
    }

    [Fact]
    public async Task A_schema_that_contains_itself_is_applied_to_parts()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t", """{"type":"object","additionalProperties":{"anyOf":[{"$ref":"#"},{"type":"number"}]}}""", "JSON");

        await ReadAsync(fixture, 1, """{"a":{"b":{"c":1}}}""");
        await AssertRefusedAsync(fixture, 1, """{"a":{"b":{"c":"x"}}}""", "does not match");
        await AssertRefusedAsync(fixture, 1, string.Concat(Enumerable.Repeat("""{"a":""", 1000)), "cannot be read");
    }

    [Fact]
    public async Task Schemas_of_draft_4_are_applied()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        const string Draft4 = """
            {"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":{"$ref":"#/definitions/n"}},
             "definitions":{"n":{"type":"integer","minimum":0}}}
            """;
        fixture.Registry.Add("t", Draft4, "JSON");

        await ReadAsync(fixture, 1, """{"a":1}""");
        await AssertRefusedAsync(fixture, 1, """{"a":-1}""", "/a");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    public async Task A_value_that_is_no_object_is_refused(string json)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t", "{}", "JSON");

        await AssertRefusedAsync(fixture, 1, json, "cannot be read");
    }

    [Fact]
    public void A_schema_of_the_options_must_be_json() =>
        Assert.Throws<ArgumentException>(() => new JsonSchemaSerializer(
            new CachedSchemaRegistryClient(new SchemaRegistryConfig { Url = "localhost:1" }),
            new() { Schema = "{" }));

    private static async Task ReadAsync(RegistryFixture fixture, byte id, string json) => await new JsonSchemaSerializer(fixture.Client)
        .DeserializeAsync<System.Text.Json.Nodes.JsonNode>((byte[])[0, 0, 0, 0, id, .. Encoding.UTF8.GetBytes(json)], Cancel);

    private static async Task AssertRefusedAsync(RegistryFixture fixture, byte id, string json, string reason)
    {
        var error = await Assert.ThrowsAsync<SchemaFormatException>(() => ReadAsync(fixture, id, json));

        Assert.Equal(id, error.SchemaId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private sealed record Reading(string Sensor, double Temperature);
}
