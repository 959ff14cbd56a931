using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SchemaRegistry.Serialization.Tests.Protos;

namespace SchemaRegistry.Serialization.Tests;

public sealed class ProtobufSchemaSerializerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Reading Full => new()
    {
        Sensor = "s1",
        Temperature = 21.5,
        Place = new() { City = "HH" },
        Time = Timestamp.FromDateTime(DateTime.UnixEpoch.AddSeconds(5)),
        Samples = { 1, -2, 3 },
        Quality = Quality.Good,
        Humidity = 60,
        Counts = { ["a"] = 1, ["b"] = 2 },
        Inner = new() { Next = new() { Name = "inner" } },
        Serial = 1UL << 60,
        Raw = ByteString.CopyFrom(1, 2),
        IsOn = true,
    };

    [Fact]
    public async Task A_generated_message_is_read_as_it_was_written()
    {
        await using var fixture = await RegistryFixture.StartAsync();

        var message = await new ProtobufSchemaSerializer(fixture.Client).SerializeAsync(Full, "readings", Cancel);

        // Reading is the second type of its file.
        Assert.Equal([2, 2], message[5..7]);
        Assert.Equal(Full, await new ProtobufSchemaSerializer(fixture.Client).DeserializeAsync<Reading>(message, Cancel));
        Assert.Contains(
            fixture.Registry.Requests, request => request.StartsWith("POST /subjects/place.proto/versions?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_is_read_by_its_descriptor_alone()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new ProtobufSchemaSerializer(fixture.Client);

        var record = await serializer.DeserializeAsync<ProtobufRecord>(await serializer.SerializeAsync(Full, "readings", Cancel), Cancel);

        Assert.Equal("test.Reading", record.Descriptor.FullName);
        Assert.Equal(
            ("s1", 21.5, "GOOD", 60u, 1UL << 60, true),
            (record["sensor"], record["temperature"], record["quality"], record["humidity"], record["serial"], record["is_on"]));
        Assert.Equal("HH", ((ProtobufRecord)record["place"]!)["city"]);
        Assert.Equal(5L, ((ProtobufRecord)record["time"]!)["seconds"]);
        Assert.Equal([1, -2, 3], (List<object>)record["samples"]!);
        Assert.Equal(new Dictionary<object, object> { ["a"] = 1L, ["b"] = 2L }, (Dictionary<object, object>)record["counts"]!);
        Assert.Equal([1, 2], (byte[])record["raw"]!);
        Assert.Throws<KeyNotFoundException>(() => record["missing"]);
    }

    [Fact]
    public async Task Fields_that_are_absent_have_their_defaults()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new ProtobufSchemaSerializer(fixture.Client);

        var record = (ProtobufRecord)await serializer.DeserializeAsync<object>(
            await serializer.SerializeAsync(new Reading(), "readings", Cancel), Cancel);

        Assert.Equal(("", 0d, "UNKNOWN", null, null), (
            record["sensor"], record["temperature"], record["quality"], record["humidity"], record["place"]));
        Assert.Empty((List<object>)record["samples"]!);
        Assert.False(record.Has("sensor"));
    }

    [Fact]
    public async Task Nested_types_have_the_path_of_their_indexes()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new ProtobufSchemaSerializer(fixture.Client);
        var deepest = new Reading.Types.Inner.Types.Deepest { Text = "x" };

        var message = await serializer.SerializeAsync(deepest, "t", Cancel);

        // The synthetic type of the map has no index: Reading 1, Inner 0, Deepest 0.
        Assert.Equal([6, 2, 0, 0], message[5..9]);
        Assert.Equal(deepest, await serializer.DeserializeAsync<Reading.Types.Inner.Types.Deepest>(message, Cancel));
    }

    [Fact]
    public async Task Another_type_is_refused()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new ProtobufSchemaSerializer(fixture.Client);
        var message = await serializer.SerializeAsync(new Place { City = "HH" }, "t", Cancel);

        var error = await Assert.ThrowsAsync<SchemaFormatException>(() => serializer.DeserializeAsync<Reading>(message, Cancel).AsTask());

        Assert.Contains("must be a \"test.Reading\"; got a \"test.Place\"", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NotSupportedException>(() => serializer.DeserializeAsync<string>(message, Cancel).AsTask());
        await Assert.ThrowsAsync<NotSupportedException>(() => serializer.SerializeAsync("text", "t", Cancel).AsTask());
    }

    [Theory]
    [InlineData(new byte[] { 2, 8 }, "no message type at the indexes 4")]
    [InlineData(new byte[] { 4, 2, 40 }, "no message type at the indexes 1, 20")]
    [InlineData(new byte[] { 0xFE, 0xFF, 3 }, "from 0 to 64")]
    [InlineData(new byte[] { 2, 2, 0x0A, 0x7F }, "cannot be read")]
    [InlineData(new byte[] { 2, 2, 0xFF }, "cannot be read")]
    [InlineData(new byte[] { 2, 2, 0x07 }, "cannot be read")]
    public async Task Hostile_messages_are_refused(byte[] payload, string reason)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new ProtobufSchemaSerializer(fixture.Client);
        var id = (await serializer.SerializeAsync(Full, "readings", Cancel))[4];

        var error = await Assert.ThrowsAsync<SchemaFormatException>(
            () => serializer.DeserializeAsync<ProtobufRecord>((byte[])[0, 0, 0, 0, id, .. payload], Cancel).AsTask());

        Assert.Equal(id, error.SchemaId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_messages_are_refused_with_and_without_a_class()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new ProtobufSchemaSerializer(fixture.Client);
        var id = (await serializer.SerializeAsync(Full, "readings", Cancel))[4];
        var inner = new Reading.Types.Inner();
        for (var i = 0; i < 500; i++)
        {
            inner = new() { Next = inner };
        }

        byte[] message = [0, 0, 0, 0, id, 4, 2, 0, .. inner.ToByteArray()];

        await Assert.ThrowsAsync<SchemaFormatException>(() => serializer.DeserializeAsync<object>(message, Cancel).AsTask());
        await Assert.ThrowsAsync<SchemaFormatException>(() => serializer.DeserializeAsync<Reading.Types.Inner>(message, Cancel).AsTask());
    }

    [Fact]
    public async Task Arbitrary_bytes_are_read_or_refused()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new ProtobufSchemaSerializer(fixture.Client);
        var id = (await serializer.SerializeAsync(Full, "readings", Cancel))[4];
        await serializer.PrepareAsync(new byte[] { 0, 0, 0, 0, id }, Cancel);

        Gen.Byte.Array[0, 100].Sample(payload =>
        {
            var reading = serializer.DeserializeAsync<ProtobufRecord>((byte[])[0, 0, 0, 0, id, 2, 2, .. payload], CancellationToken.None);
            Assert.True(reading.IsCompletedSuccessfully || reading.AsTask().Exception!.InnerException is SchemaFormatException);
        });
    }

    [Fact]
    public async Task A_registry_that_gives_sources_is_told_from_a_bad_schema()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t", "syntax = \"proto3\"; message A {}", "PROTOBUF");
        fixture.Registry.Add("u", "source", "PROTOBUF", Convert.ToBase64String([0xFF, 0xFF]));
        var serializer = new ProtobufSchemaSerializer(fixture.Client, new() { RetryDelay = TimeSpan.Zero });

        await Assert.ThrowsAsync<SchemaRegistryUnavailableException>(
            () => serializer.DeserializeAsync<object>(new byte[] { 0, 0, 0, 0, 1, 0 }, Cancel).AsTask());
        await Assert.ThrowsAsync<SchemaFormatException>(
            () => serializer.DeserializeAsync<object>(new byte[] { 0, 0, 0, 0, 2, 0 }, Cancel).AsTask());
    }

    [Fact]
    public async Task Files_of_Confluent_need_no_reference()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var file = Reading.Descriptor.File.ToProto();
        file.Dependency.Remove("place.proto");
        file.MessageType[1].Field.Remove(file.MessageType[1].Field.Single(field => field.Name == "place"));
        file.Dependency.Insert(0, "confluent/meta.proto");
        file.Dependency.Add("confluent/types/decimal.proto");
        fixture.Registry.Add("t", "source", "PROTOBUF", Convert.ToBase64String(file.ToByteArray()));

        var record = await new ProtobufSchemaSerializer(fixture.Client).DeserializeAsync<ProtobufRecord>(
            (byte[])[0, 0, 0, 0, 1, 2, 2, .. new Reading { Sensor = "s1" }.ToByteArray()], Cancel);

        Assert.Equal("s1", record["sensor"]);
    }
}
