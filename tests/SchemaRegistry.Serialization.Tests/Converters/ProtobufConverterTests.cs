using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Confluent.SchemaRegistry;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using SchemaRegistry.Serialization.Tests.Protos;

namespace SchemaRegistry.Serialization.Tests.Converters;

/// <summary>Protobuf becomes JSON as Google's parsers read it.</summary>
public sealed class ProtobufConverterTests
{
    private static readonly int Payloads = TestLength.IsLong ? 500_000 : 20_000;

    private static readonly ProtobufMessageConverter Converter = ConverterOf(Everything.Descriptor);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Everything Full => new()
    {
        I32 = -7,
        I64 = long.MinValue,
        U32 = uint.MaxValue,
        U64 = ulong.MaxValue,
        S32 = int.MinValue,
        S64 = -3,
        F32 = 5,
        F64 = 1UL << 60,
        Sf32 = -8,
        Sf64 = long.MaxValue,
        Real = 21.3f,
        Number = 21.5e-3,
        Flag = true,
        Text = "<é> \"\n",
        Raw = ByteString.CopyFrom(0xFB, 0xFF),
        Level = Level.High,
        Maybe = 0,
        Part = new() { Name = "p", Number = 0, Inner = new() { Inner = new() } },
        Parts = { new Everything.Types.Part { Name = "a" }, new Everything.Types.Part { Parts = { new Everything.Types.Part() } } },
        Packed = { 1, -1, long.MaxValue },
        Unpacked = { 0.5, double.NaN },
        Texts = { "", "x" },
        Levels = { Level.Low, (Level)77 },
        Values = { ["t"] = 1.5, ["é"] = double.PositiveInfinity },
        ByNumber = { [-4] = new() { Name = "n" }, [9] = new() },
        ByFlag = { [false] = Level.Low, [true] = Level.Unknown },
        Second = new() { Name = "chosen" },
        Time = Timestamp.FromDateTime(new(2026, 11, 24, 10, 15, 0, 250, DateTimeKind.Utc)),
        Duration = new() { Seconds = -3, Nanos = -500_000_000 },
        Wrapped = 0,
        WrappedLong = long.MaxValue,
        WrappedText = "w",
        Structure = new()
        {
            Fields =
            {
                ["n"] = Value.ForNull(), ["list"] = Value.ForList(Value.ForNumber(1), Value.ForBool(false), new()),
                ["deep"] = Value.ForStruct(new() { Fields = { ["s"] = Value.ForString("x") } }),
            },
        },
        Value = Value.ForNumber(1.5),
        ById = { [ulong.MaxValue] = ByteString.CopyFrom(1) },
    };

    [Fact]
    public void A_message_is_written_as_Google_reads_it()
    {
        Assert.Equal(Expected.Of(Full), Write(Full.ToByteArray()));
        Assert.Equal(Expected.Of(new Everything()), Write([]));
        Assert.Contains("\"time\":\"2026-11-24T10:15:00.25Z\"", Write(Full.ToByteArray()), StringComparison.Ordinal);
        Assert.Contains("\"duration\":-3.5,", Write(Full.ToByteArray()), StringComparison.Ordinal);
    }

    /// <summary>protoc writes no such descriptors, and Google's library takes them.</summary>
    [Theory]
    [InlineData("key")]
    [InlineData("value", "key", "more")]
    [InlineData("other", "value")]
    public void Entries_of_a_map_without_a_key_and_a_value_are_messages(params string[] fields)
    {
        var entry = new DescriptorProto { Name = "EEntry", Options = new() { MapEntry = true } };
        entry.Field.Add(fields.Select(name => new FieldDescriptorProto
        {
            Name = name,
            Number = name switch { "key" => 1, "value" => 2, "more" => 3, _ => 4 },
            Type = FieldDescriptorProto.Types.Type.Int32,
            Label = FieldDescriptorProto.Types.Label.Optional,
        }));
        var message = new DescriptorProto { Name = "R", NestedType = { entry } };
        message.Field.Add(new FieldDescriptorProto
        {
            Name = "e",
            Number = 1,
            Type = FieldDescriptorProto.Types.Type.Message,
            TypeName = ".R.EEntry",
            Label = FieldDescriptorProto.Types.Label.Repeated,
        });
        var set = new FileDescriptorSet
        {
            File = { new FileDescriptorProto { Name = "r.proto", Syntax = "proto3", MessageType = { message } } },
        };
        var converter = ProtobufMessageConverter.Create(set.ToByteArray(), "R");

        Assert.StartsWith("{\"e\":[{", ConvertedJson.Of(converter.WriteJson, [0x0A, 0x00]), StringComparison.Ordinal);
    }

    [Fact]
    public void An_absent_field_is_left_out_only_if_the_schema_tells_absence_from_the_default() => Assert.Equal(
        """{"name":"","parts":[]}""", ConvertedJson.Of(ConverterOf(Everything.Types.Part.Descriptor).WriteJson, []));

    [Fact]
    public void Parts_of_a_message_on_the_wire_are_merged_and_the_last_scalar_counts()
    {
        var parts = new Everything[]
        {
            new() { I32 = 1, Part = new() { Name = "a", Inner = new() { Name = "deep" } }, First = "x", Packed = { 1 } },
            new() { Second = new() { Name = "dropped" }, Packed = { 2, 3 } },
            new() { I32 = 2, Part = new() { Number = 5 }, Third = 3, Maybe = 1 },
        };
        byte[] bytes = [.. parts.SelectMany(part => part.ToByteArray())];

        Assert.Equal(Expected.Of(Everything.Parser.ParseFrom(bytes)), Write(bytes));
    }

    [Fact]
    public void Whatever_the_bytes_the_answer_is_that_of_Google()
    {
        var random = new Random(11);
        // Google's short cut for wrappers accepts what its parsers refuse elsewhere, such as one that is truncated.
        var full = Full;
        (full.Wrapped, full.WrappedLong, full.WrappedText) = (null, null, null);
        var seed = full.ToByteArray();
        var (accepted, refused) = (0, 0);
        for (var i = 0; i < Payloads; i++)
        {
            var payload = Mutated(seed, random);
            string written;
            try
            {
                written = Write(payload);
            }
            catch (SchemaFormatException e)
            {
                refused++;
                Assert.True(e.Message.Length < 300, e.Message);
                if (!IsOurs(e.Message))
                {
                    var error = Record.Exception(() => Everything.Parser.ParseFrom(payload));
                    Assert.True(error is not null, $"{e.Message} {Convert.ToHexString(payload)}");
                }

                continue;
            }

            accepted++;
            Assert.True(Google(payload) is not { } expected || expected == written, Convert.ToHexString(payload));
        }

        Assert.True(accepted > Payloads / 20 && refused > Payloads / 20, $"{accepted}, {refused}");
    }

    public static TheoryData<byte[], string> Hostile => new()
    {
        { [0x72, 0x05, 0x41], "a value of 5 bytes exceeds the remaining 1" },
        { [0x72, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "a value of 18446744073709551615 bytes exceeds" },
        { [0x08, 0x80], "a value of 1 bytes exceeds the remaining 0" },
        { [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "a number has more than 10 bytes" },
        { [0x00, 0x00], "a field has the number 0" },
        { [0x0F], "the field 1 has the unknown wire type 7" },
        { [0x0C], "the group 1 ends and has not begun" },
        { [0x72, 0x01, 0xFF], "a text is not valid UTF-8" },
        { [0xA2, 0x01, 0x01, 0x80], "exceeds the remaining 0" },
        { [.. Enumerable.Repeat((byte)0x0B, 1000)], "more than 64 levels of groups" },
        { Nested(100), "more than 64 levels" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_message_is_refused_with_the_reason(byte[] payload, string reason) =>
        Assert.Contains(reason, Assert.Throws<SchemaFormatException>(() => Write(payload)).Message, StringComparison.Ordinal);

    /// <summary>Two bytes for a message with fields that are all absent.</summary>
    [Fact]
    public void Messages_with_thousands_of_absent_fields_have_a_limit()
    {
        var file = new FileDescriptorProto
        {
            Name = "wide.proto",
            Syntax = "proto3",
            MessageType =
            {
                new DescriptorProto
                {
                    Name = "Wide",
                    Field =
                    {
                        Enumerable.Range(1, 5000).Select(number => new FieldDescriptorProto
                        {
                            Name = $"f{number}",
                            Number = number,
                            Label = number == 1 ? FieldDescriptorProto.Types.Label.Repeated : FieldDescriptorProto.Types.Label.Optional,
                            Type = FieldDescriptorProto.Types.Type.Message,
                            TypeName = ".Wide",
                        }),
                    },
                },
            },
        };
        var converter = ProtobufMessageConverter.Create(new FileDescriptorSet { File = { file } }.ToByteArray(), "Wide");
        byte[] payload = [.. Enumerable.Repeat(new byte[] { 0x0A, 0x00 }, 500_000).SelectMany(part => part)];

        var error = Assert.Throws<SchemaFormatException>(() => ConvertedJson.Of(converter.WriteJson, payload));

        Assert.Contains("too many messages of the type Wide, which has 5000 fields", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A schema of an attacker must not make the writer run for ever.</summary>
    [Theory]
    [InlineData("StringValue")]
    [InlineData("Value")]
    [InlineData("Timestamp")]
    [InlineData("ListValue")]
    public void A_false_well_known_type_is_an_object(string name)
    {
        var file = new FileDescriptorProto
        {
            Name = "false.proto",
            Package = "google.protobuf",
            Syntax = "proto3",
            MessageType =
            {
                new DescriptorProto
                {
                    Name = name,
                    Field =
                    {
                        new FieldDescriptorProto
                        {
                            Name = "x", Number = 1, Label = FieldDescriptorProto.Types.Label.Optional,
                            Type = FieldDescriptorProto.Types.Type.Message, TypeName = $".google.protobuf.{name}",
                        },
                    },
                },
            },
        };
        var converter = ProtobufMessageConverter.Create(new FileDescriptorSet { File = { file } }.ToByteArray(), $"google.protobuf.{name}");

        Assert.Equal("""{"x":{}}""", ConvertedJson.Of(converter.WriteJson, [0x0A, 0x00]));
    }

    [Fact]
    public void A_set_without_the_type_is_refused_with_those_it_has()
    {
        var set = SetOf(Everything.Descriptor);

        Assert.Contains("no message type \"test.Nothing\"; it has ", Refusal(set, "test.Nothing"), StringComparison.Ordinal);
        Assert.Contains("test.Everything, test.Everything.Part", Refusal(set, "test.Nothing"), StringComparison.Ordinal);
        Assert.Contains("descriptors is invalid", Refusal([1, 2, 3], "test.Everything"), StringComparison.Ordinal);
        Assert.Contains("descriptors is invalid", Refusal(new FileDescriptorSet
        {
            File = { Everything.Descriptor.File.ToProto() },
        }.ToByteArray(), "test.Everything"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_a_registry_is_written_by_the_type_of_its_indexes()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var message = await new ProtobufSchemaSerializer(fixture.Client).SerializeAsync(Full, "t", Cancel);
        var part = new Everything.Types.Part { Name = "x" };
        var nested = await new ProtobufSchemaSerializer(fixture.Client).SerializeAsync(part, "t", Cancel);
        var converter = new SchemaMessageConverter(fixture.Client, SchemaType.Protobuf);

        Assert.Equal(SchemaState.Unknown, converter.StateOf(message, out var id, out _));
        await converter.PrepareAsync(id, Cancel);

        Assert.Equal(Expected.Of(Full), JsonText.Normalize(ConvertedJson.Of(converter.WriteJson, message)));
        Assert.Equal("""{"name":"x","parts":[]}""", ConvertedJson.Of(converter.WriteJson, nested));
        var error = Assert.Throws<SchemaFormatException>(
            () => ConvertedJson.Of(converter.WriteJson, [.. message.AsSpan(0, 5), 2, 8]));
        Assert.Contains("no message type at the indexes 4", error.Message, StringComparison.Ordinal);
    }

    /// <returns>Null: a text is not valid UTF-8. A later value replaces it, else the writer would refuse it, too.</returns>
    private static string? Google(byte[] payload)
    {
        try
        {
            return Expected.Of(Everything.Parser.ParseFrom(payload));
        }
        catch (InvalidProtocolBufferException e) when (e.InnerException is DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Write(byte[] payload) => JsonText.Normalize(ConvertedJson.Of(Converter.WriteJson, payload));

    private static string Refusal(byte[] set, string type) =>
        Assert.Throws<SchemaFormatException>(() => ProtobufMessageConverter.Create(set, type)).Message;

    /// <summary>Google allows 100 levels, skips unknown wire types in entries of maps, and cuts lengths to 32 bits.</summary>
    private static bool IsOurs(string reason) =>
        new[] { "levels", "unknown wire type" }.Any(part => reason.Contains(part, StringComparison.Ordinal))
        || (Regex.Match(reason, @"a value of (\d+) bytes") is { Success: true } length
            && ulong.Parse(length.Groups[1].Value, CultureInfo.InvariantCulture) > int.MaxValue);

    private static byte[] Nested(int levels)
    {
        var part = new Everything.Types.Part();
        for (var i = 0; i < levels; i++)
        {
            part = new() { Inner = part };
        }

        return new Everything { Part = part }.ToByteArray();
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        var bytes = new List<byte>(seed);
        for (var mutations = random.Next(1, 4); mutations > 0; mutations--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when at > 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)));
                    break;
                default:
                    // Fields in another order, and twice.
                    bytes.AddRange(seed.AsSpan(random.Next(seed.Length)));
                    break;
            }
        }

        return [.. bytes];
    }

    private static ProtobufMessageConverter ConverterOf(MessageDescriptor type) =>
        ProtobufMessageConverter.Create(SetOf(type), type.FullName);

    private static byte[] SetOf(MessageDescriptor type) => new FileDescriptorSet
    {
        File = { type.File.Dependencies.Append(type.File).Select(file => file.ToProto()) },
    }.ToByteArray();
}
