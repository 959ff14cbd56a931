using System.Text.Json.Serialization;

namespace GrainSensors.Sources.Configuration;

/// <summary>How the bytes of a message are to be read.</summary>
public enum SourceFormat
{
    /// <summary>One JSON text.</summary>
    Json,

    /// <summary>A JSON text on each line.</summary>
    NdJson,

    /// <summary>Comma-separated values.</summary>
    Csv,

    /// <summary>CBOR (RFC 8949), with the same mapping as JSON.</summary>
    Cbor,

    /// <summary>InfluxDB line protocol.</summary>
    Influx,

    /// <summary>SenML in JSON (RFC 8428).</summary>
    SenMl,

    /// <summary>SenML in CBOR.</summary>
    [JsonStringEnumMemberName("senml-cbor")]
    SenMlCbor,

    /// <summary>One value as plain text.</summary>
    Text,

    /// <summary>Avro of a schema registry, with the same mapping as JSON.</summary>
    Avro,

    /// <summary>Protobuf of a schema registry, with the same mapping as JSON.</summary>
    Protobuf,

    /// <summary>JSON behind the header of a schema registry.</summary>
    [JsonStringEnumMemberName("json-schema")]
    JsonSchema,

    /// <summary>Protobuf without a schema id, by a file of descriptors.</summary>
    [JsonStringEnumMemberName("protobuf-raw")]
    ProtobufRaw,
}
