using Avro.Generic;
using Avro.IO;
using Confluent.SchemaRegistry;
using Schema = Avro.Schema;

namespace SchemaRegistry.Serialization.Tests.Converters;

/// <summary>Avro becomes JSON as Avro's own reader reads it.</summary>
public sealed class AvroConverterTests
{
    private static readonly int Payloads = TestLength.IsLong ? 200_000 : 10_000;

    private const string Everything = """
        {"type":"record","name":"Everything","namespace":"test","fields":[
            {"name":"flag","type":"boolean"},{"name":"i","type":"int"},{"name":"l","type":"long"},{"name":"f","type":"float"},
            {"name":"d","type":"double"},{"name":"s","type":"string"},{"name":"b","type":"bytes"},
            {"name":"x","type":{"type":"fixed","name":"Four","size":4}},
            {"name":"e","type":{"type":"enum","name":"Level","symbols":["LOW","HIGH"]}},
            {"name":"maybe","type":["null","double","string"]},
            {"name":"list","type":{"type":"array","items":["null","int"]}},
            {"name":"map","type":{"type":"map","values":{"type":"record","name":"Part","fields":[
                {"name":"n","type":"null"},{"name":"next","type":["null","Part"]}]}}}]}
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Full
    {
        get
        {
            var schema = (Avro.RecordSchema)Schema.Parse(Everything);
            var part = (Avro.RecordSchema)((Avro.MapSchema)schema["map"].Schema).ValueSchema;
            var inner = new GenericRecord(part);
            var outer = new GenericRecord(part);
            outer.Add("next", inner);
            var record = new GenericRecord(schema);
            record.Add("flag", true);
            record.Add("i", int.MinValue);
            record.Add("l", long.MaxValue);
            record.Add("f", 21.3f);
            record.Add("d", double.NaN);
            record.Add("s", "<é> \"\n");
            record.Add("b", new byte[] { 0xFB, 0xFF });
            record.Add("x", new GenericFixed((Avro.FixedSchema)schema["x"].Schema, [1, 2, 3, 4]));
            record.Add("e", new GenericEnum((Avro.EnumSchema)schema["e"].Schema, "HIGH"));
            record.Add("maybe", 1.5);
            record.Add("list", new object?[] { 1, null, -3 });
            record.Add("map", new Dictionary<string, object> { ["é"] = outer, ["b"] = inner });
            return Bytes(schema, record);
        }
    }

    [Fact]
    public async Task Whatever_the_bytes_the_answer_is_that_of_Avro()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t-value", Everything);
        var (converter, oracle) = (await ConverterOf(fixture, 1), new AvroSchemaSerializer(fixture.Client));
        byte[] seed = [0, 0, 0, 0, 1, .. Full];
        var random = new Random(11);
        var (accepted, refused) = (0, 0);
        for (var i = 0; i < Payloads; i++)
        {
            var payload = i == 0 ? seed : Mutated(seed, random);
            string written;
            try
            {
                written = JsonText.Normalize(ConvertedJson.Of(converter.WriteJson, payload));
            }
            catch (SchemaFormatException e)
            {
                refused++;
                if (!e.Message.Contains("levels", StringComparison.Ordinal))
                {
                    await Assert.ThrowsAsync<SchemaFormatException>(() => oracle.DeserializeAsync<object>(payload, Cancel).AsTask());
                }

                continue;
            }

            accepted++;
            Assert.Equal(Expected.Of(await oracle.DeserializeAsync<object>(payload, Cancel)), written);
        }

        Assert.True(accepted > Payloads / 20 && refused > Payloads / 20, $"{accepted}, {refused}");
    }

    [Theory]
    [InlineData("""{"type":"long","logicalType":"timestamp-millis"}""", 1795515300250L, "\"2026-11-24T10:15:00.25Z\"")]
    [InlineData("""{"type":"long","logicalType":"timestamp-micros"}""", 1795515300000001L, "\"2026-11-24T10:15:00.000001Z\"")]
    [InlineData("""{"type":"long","logicalType":"timestamp-nanos"}""", 1795515300000000001L, "\"2026-11-24T10:15:00.000000001Z\"")]
    [InlineData("""{"type":"long","logicalType":"timestamp-millis"}""", -1L, "\"1969-12-31T23:59:59.999Z\"")]
    [InlineData("""{"type":"long","logicalType":"timestamp-millis"}""", -62135596800000L, "\"0001-01-01T00:00:00Z\"")]
    [InlineData("""{"type":"long","logicalType":"timestamp-millis"}""", 253402300799999L, "\"9999-12-31T23:59:59.999Z\"")]
    [InlineData("""{"type":"long","logicalType":"timestamp-millis"}""", 253402300800000L, "253402300800000")]
    [InlineData("""{"type":"long","logicalType":"timestamp-micros"}""", long.MinValue, "-9223372036854775808")]
    [InlineData("""{"type":"long","logicalType":"local-timestamp-millis"}""", 1795515300000L, "\"2026-11-24T10:15:00\"")]
    [InlineData("""{"type":"int","logicalType":"date"}""", 20781L, "\"2026-11-24\"")]
    [InlineData("""{"type":"int","logicalType":"date"}""", (long)int.MaxValue, "2147483647")]
    [InlineData("""{"type":"int","logicalType":"time-millis"}""", 5L, "5")]
    [InlineData("""{"type":"long","logicalType":"of-tomorrow"}""", 5L, "5")]
    public async Task A_logical_type_of_a_number_is_written_by_its_meaning(string schema, long value, string json) =>
        Assert.Equal(json, await WriteAsync(schema, Varint(value)));

    [Theory]
    [InlineData(2, new byte[] { 0x08, 0x66 }, "21.50")]
    [InlineData(2, new byte[] { 0xFF }, "-0.01")]
    [InlineData(0, new byte[] { 0x80, 0, 0, 0, 0, 0, 0, 0 }, "-9223372036854775808")]
    [InlineData(3, new byte[] { 0x01, 0, 0, 0, 0, 0, 0, 0, 0 }, "18446744073709551.616")]
    [InlineData(30, new byte[] { 0x08, 0x66 }, "0.000000000000000000000000002150")]
    [InlineData(2, new byte[0], "0.00")]
    public async Task A_decimal_is_a_number_with_all_of_its_digits(int scale, byte[] unscaled, string json) => Assert.Equal(
        json,
        await WriteAsync(
            $$"""{"type":"bytes","logicalType":"decimal","precision":40,"scale":{{scale}}}""",
            [.. Varint(unscaled.Length), .. unscaled]));

    public static TheoryData<string, byte[], string> Hostile => new()
    {
        { "\"string\"", [20, 65], "a value of 10 bytes exceeds the remaining 1" },
        { "\"string\"", [1], "a value of -1 bytes exceeds the remaining 0" },
        { "\"string\"", [2, 0xFF], "a text is not valid UTF-8" },
        { "\"long\"", [0xFF], "exceeds the remaining 0" },
        { "\"long\"", [.. Enumerable.Repeat((byte)0xFF, 11)], "a number has more than 10 bytes" },
        { "\"int\"", Varint(1L << 40), "an int must have 32 bits" },
        { "\"boolean\"", [7], "a boolean must be 0 or 1; got 7" },
        { "\"int\"", [2, 2], "1 bytes follow the value" },
        { """["null","int"]""", [6], "a union has 2 types; got the type 3" },
        { """{"type":"enum","name":"E","symbols":["A"]}""", [2], "an enumeration has 1 symbols; got the symbol 1" },
        { """{"type":"array","items":"null"}""", [.. Varint(1L << 40), 0], "a block of 1099511627776 items does not fit" },
        { """{"type":"array","items":"null"}""", [.. Varint(long.MinValue), 0, 0], "items does not fit" },
        { """{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"]}]}""", [.. Enumerable.Repeat((byte)2, 100_000)],
            "more than 64 levels" },
        { """{"type":"bytes","logicalType":"decimal","precision":900}""", [.. Varint(65), .. new byte[65]], "at most 64 bytes; got 65" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_hostile_message_is_refused_with_the_reason(string schema, byte[] payload, string reason)
    {
        var error = await Assert.ThrowsAsync<SchemaFormatException>(() => WriteAsync(schema, payload));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, error.SchemaId);
    }

    [Fact]
    public async Task A_known_schema_needs_neither_the_registry_nor_memory()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t-value", Everything);
        var converter = await ConverterOf(fixture, 1);
        fixture.Registry.Fails = 503;
        byte[] message = [0, 0, 0, 0, 1, .. Full];
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(64 * 1024);
        using var json = new System.Text.Json.Utf8JsonWriter(buffer);
        for (var i = 0; i < 100; i++)
        {
            Write();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Write();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(buffer.WrittenCount > 100);
        Assert.Single(fixture.Registry.Requests);

        void Write()
        {
            buffer.ResetWrittenCount();
            json.Reset();
            if (converter.StateOf(message, out _, out _) == SchemaState.Known)
            {
                converter.WriteJson(message, json);
            }

            json.Flush();
        }
    }

    [Fact]
    public async Task The_state_tells_an_unknown_schema_from_a_refused_one_and_from_a_message_without()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t-value", "{}", "JSON");
        var converter = new SchemaMessageConverter(fixture.Client, SchemaType.Avro, new() { RetryDelay = TimeSpan.Zero });
        byte[] message = [0, 0, 0, 0, 7, 14];

        Assert.Equal(SchemaState.Unknown, converter.StateOf(message, out var id, out var reason));
        Assert.Equal((7, null), (id, reason));
        Assert.Throws<SchemaRegistryUnavailableException>(() => ConvertedJson.Of(converter.WriteJson, message));
        fixture.Registry.Fails = 503;
        await Assert.ThrowsAsync<SchemaRegistryUnavailableException>(() => converter.PrepareAsync(7, Cancel).AsTask());
        Assert.Equal(SchemaState.Unknown, converter.StateOf(message, out _, out _));

        fixture.Registry.Fails = null;
        await converter.PrepareAsync(7, Cancel);
        Assert.Equal(SchemaState.Refused, converter.StateOf(message, out _, out reason));
        Assert.Contains("the id 7", reason, StringComparison.Ordinal);

        await converter.PrepareAsync(1, Cancel);
        Assert.Equal(SchemaState.Refused, converter.StateOf([0, 0, 0, 0, 1, 14], out _, out reason));
        Assert.Contains("must be of the type Avro; got Json", reason, StringComparison.Ordinal);

        Assert.Equal(SchemaState.Unframed, converter.StateOf("{}"u8, out _, out reason));
        Assert.Contains("at least 5 bytes; got 2", reason, StringComparison.Ordinal);
        Assert.Equal(SchemaState.Unframed, converter.StateOf("{\"a\":1}"u8, out _, out reason));
        Assert.Contains("starts with the byte 0; got 123", reason, StringComparison.Ordinal);
    }

    private static async Task<SchemaMessageConverter> ConverterOf(RegistryFixture fixture, int id)
    {
        var converter = new SchemaMessageConverter(fixture.Client, SchemaType.Avro);
        await converter.PrepareAsync(id, Cancel);
        return converter;
    }

    private static async Task<string> WriteAsync(string schema, byte[] payload)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Add("t-value", schema);
        return ConvertedJson.Of((await ConverterOf(fixture, 1)).WriteJson, [0, 0, 0, 0, 1, .. payload]);
    }

    private static byte[] Varint(long value)
    {
        using var stream = new MemoryStream();
        new BinaryEncoder(stream).WriteLong(value);
        return stream.ToArray();
    }

    private static byte[] Bytes(Schema schema, GenericRecord record)
    {
        using var stream = new MemoryStream();
        new GenericDatumWriter<GenericRecord>(schema).Write(record, new BinaryEncoder(stream));
        return stream.ToArray();
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        const int Header = 5;
        var bytes = new List<byte>(seed);
        for (var mutations = random.Next(1, 4); mutations > 0; mutations--)
        {
            var at = random.Next(Header, bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when at > Header:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
