using Avro;
using Avro.Generic;
using CsCheck;
using SchemaRegistry.Serialization.Internals.AvroData;

namespace SchemaRegistry.Serialization.Tests;

public sealed class AvroSchemaSerializerTests
{
    private const string Reading = """
        {"type":"record","name":"AvroReading","namespace":"SchemaRegistry.Serialization.Tests","fields":[
            {"name":"sensor","type":"string"},{"name":"temperature","type":"double"},
            {"name":"tags","type":{"type":"array","items":"string"},"default":[]}]}
        """;

    private const string Tree = """
        {"type":"record","name":"Tree","fields":[{"name":"next","type":["null","Tree"]}]}
        """;

    private static readonly RecordSchema ReadingSchema = (RecordSchema)Schema.Parse(Reading);

    [Fact]
    public async Task A_generic_record_is_read_as_it_was_written()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var record = Record("s1", 21.5, "a", "b");

        var message = await new AvroSchemaSerializer(fixture.Client).SerializeAsync(record, "readings", Cancel);
        var read = await new AvroSchemaSerializer(fixture.Client).DeserializeAsync<GenericRecord>(message, Cancel);

        Assert.Equal(record, read);
        Assert.Contains(
            fixture.Registry.Requests, request => request.StartsWith("POST /subjects/readings-value/versions?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_specific_record_reads_the_messages_of_another_version()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new AvroSchemaSerializer(fixture.Client);

        var read = await serializer.DeserializeAsync<AvroReading>(
            await serializer.SerializeAsync(Record("s1", 21.5), "readings", Cancel), Cancel);
        var again = await serializer.DeserializeAsync<GenericRecord>(await serializer.SerializeAsync(read, "readings", Cancel), Cancel);

        Assert.Equal(("s1", 21.5, "none"), (read.Sensor, read.Temperature, read.Place));
        Assert.Equal("none", again["place"]);
    }

    [Fact]
    public async Task A_reader_schema_converts_generic_records()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var reader = Schema.Parse("""
            {"type":"record","name":"AvroReading","namespace":"SchemaRegistry.Serialization.Tests","fields":[
                {"name":"temperature","type":"double"},{"name":"humidity","type":["null","double"],"default":null}]}
            """);
        var serializer = new AvroSchemaSerializer(fixture.Client, new() { ReaderSchema = reader });

        var read = await serializer.DeserializeAsync<GenericRecord>(
            await serializer.SerializeAsync(Record("s1", 21.5), "readings", Cancel), Cancel);

        Assert.Equal((21.5, null), (read["temperature"], read["humidity"]));
        Assert.False(read.TryGetValue("sensor", out _));
    }

    [Fact]
    public async Task Primitive_values_are_read_and_promoted()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var serializer = new AvroSchemaSerializer(fixture.Client);

        Assert.Equal("text", await serializer.DeserializeAsync<string>(await serializer.SerializeAsync("text", "t", Cancel), Cancel));
        Assert.Equal(42L, await serializer.DeserializeAsync<long>(await serializer.SerializeAsync(42, "t", Cancel), Cancel));
        Assert.Equal(2.5, await serializer.DeserializeAsync<object>(await serializer.SerializeAsync(2.5, "t", Cancel), Cancel));
        await Assert.ThrowsAsync<SchemaFormatException>(
            async () => await serializer.DeserializeAsync<int>(await serializer.SerializeAsync("text", "t", Cancel), Cancel));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await serializer.SerializeAsync(DateTime.UnixEpoch, "t", Cancel));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await serializer.DeserializeAsync<Uri>(new byte[9], Cancel));
    }

    [Fact]
    public async Task References_between_schemas_are_resolved()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("place", """{"type":"record","name":"Place","namespace":"test","fields":[{"name":"city","type":"string"}]}""");
        var id = fixture.Registry.Add(
            "t-value", """{"type":"record","name":"R","namespace":"test","fields":[{"name":"at","type":"test.Place"}]}""",
            references: ("test.Place", "place", 1));

        var read = await new AvroSchemaSerializer(fixture.Client).DeserializeAsync<GenericRecord>(
            new byte[] { 0, 0, 0, 0, (byte)id, 4, (byte)'H', (byte)'H' }, Cancel);

        Assert.Equal("HH", ((GenericRecord)read["at"])["city"]);
    }

    [Fact]
    public async Task Schemas_that_refer_to_each_other_in_a_circle_are_refused()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("a", """{"type":"record","name":"A","fields":[]}""", references: ("B", "b", 1));
        fixture.Registry.Add("b", """{"type":"record","name":"B","fields":[]}""", references: ("A", "a", 1));
        var id = fixture.Registry.Add("t", "\"int\"", references: ("A", "a", 1));

        await AssertRefusedAsync(fixture, [0, 0, 0, 0, (byte)id, 0], "in a circle");
    }

    [Theory]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"a","type":"A"}]}""", "always contains itself")]
    [InlineData("""{"type":"recor""", "is invalid Avro")]
    [InlineData("""{"type":"record","name":"A","fields":[{"name":"a","type":"Missing"}]}""", "is invalid Avro")]
    public async Task Hostile_schemas_are_refused(string schema, string reason)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t", schema);

        await AssertRefusedAsync(fixture, [0, 0, 0, 0, 1, 0], reason);
    }

    [Fact]
    public async Task A_schema_whose_smallest_value_fills_the_memory_is_refused()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var schema = """{"type":"record","name":"L0","fields":[]}""";
        for (var i = 1; i <= 15; i++)
        {
            schema = $$"""{"type":"record","name":"L{{i}}","fields":[{"name":"a","type":{{schema}}},{"name":"b","type":"L{{i - 1}}"}]}""";
        }

        fixture.Registry.Add("t", schema);
        await AssertRefusedAsync(fixture, [0, 0, 0, 0, 1], "remove fields without content");
    }

    [Fact]
    public async Task Deep_values_are_read_up_to_a_limit()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t", Tree);
        var serializer = new AvroSchemaSerializer(fixture.Client);

        Assert.NotNull(await serializer.DeserializeAsync<GenericRecord>(Deep(40), Cancel));
        await AssertRefusedAsync(fixture, Deep(1_000_000), "deeper than 100 levels");

        static byte[] Deep(int levels) => [0, 0, 0, 0, 1, .. Enumerable.Repeat((byte)2, levels), 0];
    }

    [Theory]
    [InlineData("\"string\"", new byte[] { 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0x07 }, "exceeds the remaining 0")]
    [InlineData("\"string\"", new byte[] { 4, 0xFF, 0xFF }, "")]
    [InlineData("\"bytes\"", new byte[] { 1 }, "-1 bytes")]
    [InlineData("\"double\"", new byte[] { 1, 2, 3 }, "8 bytes exceeds the remaining 3")]
    [InlineData("\"int\"", new byte[] { 2, 0 }, "1 bytes follow the value")]
    [InlineData("""{"type":"array","items":"null"}""", new byte[] { 0xFE, 0xFF, 0xFF, 0xFF, 0x0F }, "does not fit")]
    [InlineData("""{"type":"map","values":"null"}""", new byte[] { 0xFD, 0xFF, 0xFF, 0xFF, 0x0F, 0 }, "does not fit")]
    [InlineData("""["null","int"]""", new byte[] { 20 }, "")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"]}""", new byte[] { 20 }, "")]
    public async Task Hostile_data_are_refused(string schema, byte[] payload, string reason)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t", schema);

        await AssertRefusedAsync(fixture, [0, 0, 0, 0, 1, .. payload], reason);
    }

    [Fact]
    public async Task Arbitrary_data_are_read_or_refused()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t", Reading);
        fixture.Registry.Add("u", Tree);
        var serializer = new AvroSchemaSerializer(fixture.Client);
        await serializer.PrepareAsync(new byte[] { 0, 0, 0, 0, 1 }, Cancel);
        await serializer.PrepareAsync(new byte[] { 0, 0, 0, 0, 2 }, Cancel);

        Gen.Select(Gen.Byte[1, 2], Gen.Byte.Array[0, 200]).Sample((id, payload) =>
        {
            var reading = serializer.DeserializeAsync<GenericRecord>((byte[])[0, 0, 0, 0, id, .. payload], CancellationToken.None);
            Assert.True(reading.IsCompleted);
            Assert.True(reading.IsCompletedSuccessfully || reading.AsTask().Exception!.InnerException is SchemaFormatException);
        });
    }

    [Fact]
    public void The_depth_check_follows_every_type()
    {
        var schema = Schema.Parse("""
            {"type":"record","name":"All","fields":[
                {"name":"a","type":"boolean"},{"name":"b","type":"int"},{"name":"c","type":"long"},{"name":"d","type":"float"},
                {"name":"e","type":"double"},{"name":"f","type":"bytes"},{"name":"g","type":"string"},
                {"name":"h","type":{"type":"fixed","name":"F","size":2}},{"name":"i","type":{"type":"enum","name":"E","symbols":["X"]}},
                {"name":"j","type":{"type":"map","values":"int"}},{"name":"k","type":{"type":"array","items":"string"}},
                {"name":"l","type":["null","All"]},{"name":"m","type":{"type":"long","logicalType":"timestamp-millis"}}]}
            """);
        byte[] data =
        [
            1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 9, 2, (byte)'x', 1, 2, 0, 2, 2, (byte)'k', 8, 0, 1, 4, 2, (byte)'y', 0, 0, 6,
        ];
        var decoder = new BoundedDecoder(data);

        AvroDepth.Check(schema, decoder);

        Assert.Equal(0, decoder.Remaining);
        Assert.True(AvroShape.IsRecursive(schema, 1));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task AssertRefusedAsync(RegistryFixture fixture, byte[] message, string reason)
    {
        var error = await Assert.ThrowsAsync<SchemaFormatException>(
            () => new AvroSchemaSerializer(fixture.Client).DeserializeAsync<object>(message, Cancel).AsTask());

        Assert.Equal(message[4], error.SchemaId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static GenericRecord Record(string sensor, double temperature, params string[] tags)
    {
        var record = new GenericRecord(ReadingSchema);
        record.Add("sensor", sensor);
        record.Add("temperature", temperature);
        record.Add("tags", tags);
        return record;
    }
}
