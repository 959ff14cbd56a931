using System.Text;
using Google.Protobuf;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Schemas;
using GrainSensors.Sources.Tests.Fuzzing;
using GrainSensors.Tests.Shared.Registry;

namespace GrainSensors.Sources.Tests.Schemas;

/// <summary>Messages with a schema, from their bytes to readings.</summary>
public sealed class SchemaFormatTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SourceSchemas _schemas = new();
    private RegistryDouble _registry = null!;
    private int _avro;
    private int _protobuf;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private SourceOptions Avro => new()
    {
        Format = SourceFormat.Avro,
        SchemaRegistry = new() { Url = _registry.Url },
        Mapping = SchemaSamples.Mapping,
    };

    private SourceOptions Protobuf => Avro with { Format = SourceFormat.Protobuf };

    private SourceOptions Raw => new()
    {
        Format = SourceFormat.ProtobufRaw,
        DescriptorFile = Path.Combine(_directory.Path, "farm.desc"),
        MessageType = SchemaSamples.ProtobufType,
        Mapping = SchemaSamples.Mapping,
    };

    public async ValueTask InitializeAsync()
    {
        _registry = await RegistryDouble.StartAsync();
        _avro = _registry.Add("batches-value", SchemaSamples.AvroSchema);
        _protobuf = _registry.Add("farm-value", SchemaSamples.Descriptors.File[^1].ToByteString().ToBase64(), "PROTOBUF");
        await File.WriteAllBytesAsync(Raw.DescriptorFile!, SchemaSamples.Descriptors.ToByteArray(), Stop);
    }

    public async ValueTask DisposeAsync()
    {
        _schemas.Dispose();
        _directory.Dispose();
        await _registry.DisposeAsync();
    }

    [Fact]
    public async Task Avro_of_a_registry_has_the_mapping_of_JSON() =>
        Assert.Equal(SchemaSamples.Readings, (await ReadAsync(Avro, Framed(_avro, SchemaSamples.AvroBytes()))).Lines);

    [Fact]
    public async Task Protobuf_of_a_registry_has_the_mapping_of_JSON_and_absent_numbers_are_zero()
    {
        Assert.Equal(
            ["g1-1 2026-11-24T10:15:00Z temp=21.5", "g1-2 2026-11-24T10:15:01.250000Z temp=0"],
            (await ReadAsync(Protobuf, Framed(_protobuf, [0, .. SchemaSamples.ProtobufBytes()]))).Lines);
        Assert.Equal("no-reading: the message has nothing at /data/*", (await ReadAsync(Protobuf, Framed(_protobuf, [0]))).Rejection);
    }

    [Fact]
    public async Task Protobuf_without_a_schema_id_is_read_by_the_descriptors_of_a_file()
    {
        Assert.Equal(
            ["g1-1 2026-11-24T10:15:00Z temp=21.5", "g1-2 2026-11-24T10:15:01.250000Z temp=0"],
            (await ReadAsync(Raw, SchemaSamples.ProtobufBytes())).Lines);
    }

    [Fact]
    public async Task JSON_behind_a_schema_id_needs_no_registry()
    {
        var options = new SourceOptions
        {
            Format = SourceFormat.JsonSchema,
            Mapping = new() { Sensor = "{/id}", Numbers = "", Exclude = ["id"] },
        };

        Assert.Equal("7 - a=1.5", (await ReadAsync(options, Framed(99, """{"id":7,"a":1.5}"""u8))).Line);
        Assert.Equal(
            "malformed: a message with a schema id starts with the byte 0; got 123",
            (await ReadAsync(options, """{"id":7}"""u8.ToArray())).Rejection);
        Assert.Equal(
            "malformed: a message with a schema id has at least 5 bytes; got 2", (await ReadAsync(options, "{}"u8.ToArray())).Rejection);
        Assert.StartsWith("malformed: ", (await ReadAsync(options, Framed(99, """{"id":7"""u8))).Rejection, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_almost_fit_are_rejected_with_what_is_wrong()
    {
        Assert.Equal(
            $"malformed: the message is not valid Avro with the schema id {_avro}: a value of 2 bytes exceeds the remaining 1",
            (await ReadAsync(Avro, Framed(_avro, SchemaSamples.AvroBytes().AsSpan(0, 2)))).Rejection);
        Assert.StartsWith(
            "malformed: a message with a schema id starts with the byte 0; got 71",
            (await ReadAsync(Avro, "GET / HTTP"u8.ToArray())).Rejection, StringComparison.Ordinal);
        Assert.Equal(
            "malformed: the message is not valid Protobuf of the type \"farm.Batch\": a value of 5 bytes exceeds the remaining 1",
            (await ReadAsync(Raw, [0x0A, 0x05, 0x41])).Rejection);
        Assert.StartsWith(
            $"malformed: the Protobuf schema with the id {_protobuf} has no message type at the indexes 4",
            (await ReadAsync(Protobuf, Framed(_protobuf, [2, 8]))).Rejection, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_that_the_registry_does_not_have_or_that_is_of_another_type_rejects_the_message()
    {
        Assert.StartsWith(
            "no-schema: the schema registry refuses the schema with the id 77: Schema not found",
            (await ReadAsync(Avro, Framed(77, [0]))).Rejection, StringComparison.Ordinal);
        Assert.StartsWith(
            $"no-schema: the schema with the id {_protobuf} must be of the type Avro; got Protobuf",
            (await ReadAsync(Avro, Framed(_protobuf, [0]))).Rejection, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_registry_is_away_nothing_is_read_and_the_error_names_it_without_the_password()
    {
        var options = Avro with { SchemaRegistry = new() { Url = _registry.Url, BasicAuthUserInfo = "me:password" } };
        _registry.Fails = 503;
        var (reader, log) = (new SourceReader(options, _schemas), new ReadingLog());
        var message = Framed(_avro, SchemaSamples.AvroBytes());

        Assert.False(reader.TryRead(new SourceMessage(message), log, out var id));
        Assert.Equal((_avro, 0, 0), (id, log.Lines.Count, log.Rejected.Count));
        Assert.True(reader.AwaitsSchema(message, out _));
        var error = await Assert.ThrowsAsync<SchemasUnavailableException>(() => reader.FetchSchemasAsync([id], Stop));
        Assert.StartsWith($"Schema registry {_registry.Url}: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("password", $"{error}{options}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readers_of_a_process_fetch_a_schema_once()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(2, (await ReadAsync(Avro, Framed(_avro, SchemaSamples.AvroBytes()))).Readings);
        }

        Assert.Single(_registry.Requests);
    }

    /// <summary>Two bytes for an element whose fields are absent become much more JSON.</summary>
    [Fact]
    public async Task What_becomes_too_much_JSON_is_too_large()
    {
        byte[] payload = [.. Enumerable.Repeat(new byte[] { 0x12, 0x00 }, 400_000).SelectMany(part => part)];

        Assert.Equal(
            "too-large: the message must become at most 4194304 bytes of JSON; got more", (await ReadAsync(Raw, payload)).Rejection);
    }

    [Theory]
    [InlineData(SourceFormat.Avro)]
    [InlineData(SourceFormat.Protobuf)]
    [InlineData(SourceFormat.ProtobufRaw)]
    [InlineData(SourceFormat.JsonSchema)]
    public async Task Whatever_the_bytes_behind_the_header_a_format_answers(SourceFormat format)
    {
        var (options, seed) = format switch
        {
            SourceFormat.Avro => (Avro, SchemaSamples.AvroBytes()),
            SourceFormat.Protobuf => (Protobuf, [0, .. SchemaSamples.ProtobufBytes()]),
            SourceFormat.ProtobufRaw => (Raw, SchemaSamples.ProtobufBytes()),
            _ => (new() { Format = format, Mapping = SchemaSamples.Mapping },
                Encoding.UTF8.GetBytes("""{"gateway":"g1","data":[{"probe":1,"t":1795515300,"temp":21.5},{"probe":2,"temp":"x"}]}""")),
        };
        var id = format == SourceFormat.Protobuf ? _protobuf : _avro;
        var reader = new SourceReader(options, _schemas);
        await reader.FetchSchemasAsync([id], Stop);

        SourceFuzzTests.Run(reader, $"{format}", seed, "", format == SourceFormat.ProtobufRaw ? [] : Framed(id, []));
    }

    private static byte[] Framed(int id, ReadOnlySpan<byte> payload) =>
        [0, (byte)(id >> 24), (byte)(id >> 16), (byte)(id >> 8), (byte)id, .. payload];

    private async Task<ReadingLog> ReadAsync(SourceOptions options, byte[] message)
    {
        var (reader, log) = (new SourceReader(options, _schemas), new ReadingLog());
        if (reader.AwaitsSchema(message, out var id))
        {
            await reader.FetchSchemasAsync([id], Stop);
        }

        reader.Read(new SourceMessage(message), log);
        return log;
    }
}
