using System.Text.Json.Serialization;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The protocol of an OpenTelemetry collector.</summary>
internal enum OtlpProtocol
{
    Grpc,

    /// <summary>Protobuf over HTTP.</summary>
    [JsonStringEnumMemberName("http/protobuf")]
    HttpProtobuf,
}
