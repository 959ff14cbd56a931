using Avro.IO;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using GrainSensors.Sources.Configuration;
using Field = Google.Protobuf.Reflection.FieldDescriptorProto;

namespace GrainSensors.Sources.Tests.Schemas;

/// <summary>A gateway's message with two readings, in Avro and in Protobuf.</summary>
internal static class SchemaSamples
{
    public const string AvroSchema = """
        {"type":"record","name":"Batch","namespace":"farm","fields":[
            {"name":"gateway","type":"string"},
            {"name":"data","type":{"type":"array","items":{"type":"record","name":"Reading","fields":[
                {"name":"probe","type":"int"},
                {"name":"t","type":{"type":"long","logicalType":"timestamp-millis"}},
                {"name":"temp","type":["null",{"type":"bytes","logicalType":"decimal","precision":6,"scale":2}]},
                {"name":"state","type":{"type":"enum","name":"State","symbols":["OFF","ON"]}}]}}}]}
        """;

    public const string ProtobufType = "farm.Batch";

    public static readonly MappingOptions Mapping = new()
    {
        Readings = "/data/*",
        Sensor = "{/gateway}-{/data/*/probe}",
        Time = "/data/*/t",
        Numbers = "/data/*",
    };

    public static readonly string[] Readings =
        ["g1-1 2026-11-24T10:15:00Z temp=21.5", "g1-2 2026-11-24T10:15:01.250000Z temp=null"];

    /// <summary>The payload of Avro, without the header.</summary>
    public static byte[] AvroBytes()
    {
        using var stream = new MemoryStream();
        var encoder = new BinaryEncoder(stream);
        encoder.WriteString("g1");
        encoder.WriteLong(2);
        Write(1, 1795515300000, [0x08, 0x66]);
        Write(2, 1795515301250, null);
        encoder.WriteLong(0);
        return stream.ToArray();

        void Write(int probe, long millis, byte[]? temperature)
        {
            encoder.WriteInt(probe);
            encoder.WriteLong(millis);
            encoder.WriteInt(temperature is null ? 0 : 1);
            if (temperature is not null)
            {
                encoder.WriteBytes(temperature);
            }

            encoder.WriteEnum(1);
        }
    }

    /// <summary>The file of descriptors, as protoc writes it.</summary>
    public static FileDescriptorSet Descriptors { get; } = new()
    {
        File =
        {
            TimestampReflection.Descriptor.ToProto(),
            new FileDescriptorProto
            {
                Name = "farm.proto",
                Package = "farm",
                Syntax = "proto3",
                Dependency = { "google/protobuf/timestamp.proto" },
                MessageType =
                {
                    new DescriptorProto
                    {
                        Name = "Batch",
                        Field =
                        {
                            Of("gateway", 1, Field.Types.Type.String),
                            Of("data", 2, Field.Types.Type.Message, ".farm.Reading", isRepeated: true),
                        },
                    },
                    new DescriptorProto
                    {
                        Name = "Reading",
                        Field =
                        {
                            Of("probe", 1, Field.Types.Type.Int64),
                            Of("t", 2, Field.Types.Type.Message, ".google.protobuf.Timestamp"),
                            Of("temp", 3, Field.Types.Type.Double),
                        },
                    },
                },
            },
        },
    };

    /// <summary>A Protobuf message of two readings; the temperature of the second one is 0, which is not on the wire.</summary>
    public static byte[] ProtobufBytes()
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        output.WriteTag(1, WireFormat.WireType.LengthDelimited);
        output.WriteString("g1");
        WriteReading(1, new() { Seconds = 1795515300 }, 21.5);
        WriteReading(2, new() { Seconds = 1795515301, Nanos = 250_000_000 }, 0);
        output.Flush();
        return stream.ToArray();

        void WriteReading(long probe, Timestamp time, double temperature)
        {
            using var part = new MemoryStream();
            using var inner = new CodedOutputStream(part);
            inner.WriteTag(1, WireFormat.WireType.Varint);
            inner.WriteInt64(probe);
            inner.WriteTag(2, WireFormat.WireType.LengthDelimited);
            inner.WriteMessage(time);
            if (temperature != 0)
            {
                inner.WriteTag(3, WireFormat.WireType.Fixed64);
                inner.WriteDouble(temperature);
            }

            inner.Flush();
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(part.ToArray()));
        }
    }

    private static Field Of(string name, int number, Field.Types.Type type, string typeName = "", bool isRepeated = false)
    {
        var field = new Field
        {
            Name = name,
            Number = number,
            Type = type,
            Label = isRepeated ? Field.Types.Label.Repeated : Field.Types.Label.Optional,
        };
        if (typeName.Length > 0)
        {
            field.TypeName = typeName;
        }

        return field;
    }
}
