using System.Text;
using Confluent.SchemaRegistry;

namespace SchemaRegistry.Serialization.Tests;

/// <summary>A registry that answers late, wrongly or not at all.</summary>
public sealed class RegistryOutageTests
{
    private static readonly byte[] Message = [0, 0, 0, 0, 7, 14];

    [Fact]
    public async Task An_unknown_id_is_a_refusal_that_names_it()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new AvroSchemaSerializer(fixture.Client);

        for (var i = 0; i < 3; i++)
        {
            var error = await Assert.ThrowsAsync<SchemaFormatException>(() => ReadAsync(serializer));
            Assert.Equal(7, error.SchemaId);
            Assert.Contains("the id 7", error.Message, StringComparison.Ordinal);
        }

        Assert.Single(fixture.Registry.Requests);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Whatever_is_not_a_registry_s_answer_is_an_outage(int status)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Fails = status;
        var serializer = new AvroSchemaSerializer(fixture.Client, new() { RetryDelay = TimeSpan.Zero });

        await Assert.ThrowsAsync<SchemaRegistryUnavailableException>(() => ReadAsync(serializer));

        fixture.Registry.Fails = null;
        await Assert.ThrowsAsync<SchemaFormatException>(() => ReadAsync(serializer));
    }

    [Fact]
    public async Task Refused_credentials_are_an_outage_and_stay_secret()
    {
        await using var fixture = await RegistryFixture.StartAsync("me:wrong-password");
        fixture.Registry.Authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:password"));

        var error = await Assert.ThrowsAsync<SchemaRegistryUnavailableException>(() => ReadAsync(new AvroSchemaSerializer(fixture.Client)));

        Assert.Contains("Unauthorized", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("password", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Right_credentials_are_accepted()
    {
        await using var fixture = await RegistryFixture.StartAsync("me:password");
        fixture.Registry.Authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:password"));
        fixture.Registry.Add("other", "\"string\"");

        Assert.Equal("", await new AvroSchemaSerializer(fixture.Client).DeserializeAsync<string>(
            new byte[] { 0, 0, 0, 0, 1, 0 }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_secret_in_the_address_stays_secret()
    {
        using var client = new CachedSchemaRegistryClient(
            new SchemaRegistryConfig { Url = "http://me:password@127.0.0.1:1", MaxRetries = 1 });

        var error = await Assert.ThrowsAsync<SchemaRegistryUnavailableException>(() => ReadAsync(new AvroSchemaSerializer(client)));

        Assert.DoesNotContain("password", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_registry_blocks_no_thread()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t-value", "\"int\"");
        fixture.Registry.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var serializer = new AvroSchemaSerializer(fixture.Client);

        var reading = serializer.DeserializeAsync<int>(new byte[] { 0, 0, 0, 0, 1, 14 }, TestContext.Current.CancellationToken);

        Assert.False(reading.IsCompleted);
        fixture.Registry.Gate.SetResult();
        Assert.Equal(7, await reading);
    }

    [Fact]
    public async Task An_incompatible_schema_is_refused_with_its_subject()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Incompatible.Add("t-value");

        var error = await Assert.ThrowsAsync<SchemaFormatException>(
            () => new AvroSchemaSerializer(fixture.Client).SerializeAsync("x", "t", TestContext.Current.CancellationToken).AsTask());

        Assert.Equal("t-value", error.Subject);
        Assert.Contains("incompatible", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_that_may_not_be_registered_must_be_there()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var options = new AvroSchemaSerializerOptions { RegisterSchemas = false, NegativeAnswerLifetime = TimeSpan.Zero };
        var serializer = new AvroSchemaSerializer(fixture.Client, options);
        await Assert.ThrowsAsync<SchemaFormatException>(
            () => serializer.SerializeAsync("x", "t", TestContext.Current.CancellationToken).AsTask());

        var id = fixture.Registry.Add("t-value", Avro.Schema.Parse("\"string\"").ToString());

        Assert.Equal(id, (await serializer.SerializeAsync("x", "t", TestContext.Current.CancellationToken))[4]);
    }

    [Theory]
    [InlineData("JSON", "{}")]
    [InlineData("PROTOBUF", "")]
    public async Task A_schema_of_another_type_is_refused(string type, string schema)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("other", schema, type);

        var error = await Assert.ThrowsAsync<SchemaFormatException>(
            () => new AvroSchemaSerializer(fixture.Client).DeserializeAsync<object>(
                new byte[] { 0, 0, 0, 0, 1, 14 }, TestContext.Current.CancellationToken).AsTask());

        Assert.Contains("must be of the type Avro", error.Message, StringComparison.Ordinal);
    }

    private static async Task<int> ReadAsync(AvroSchemaSerializer serializer) =>
        await serializer.DeserializeAsync<int>(Message, TestContext.Current.CancellationToken);
}
