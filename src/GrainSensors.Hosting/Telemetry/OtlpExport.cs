using GrainSensors.Hosting.Configuration;
using OpenTelemetry.Exporter;

namespace GrainSensors.Hosting.Telemetry;

/// <summary>Applies the telemetry options to an exporter.</summary>
internal static class OtlpExport
{
    /// <param name="options">The telemetry options; they contain an endpoint.</param>
    /// <param name="signal"><c>metrics</c> or <c>traces</c>.</param>
    public static void Apply(OtlpExporterOptions exporter, TelemetryOptions options, string signal)
    {
        var isHttp = options.OtlpProtocol == OtlpProtocol.HttpProtobuf;

        // The path names the signal by HTTP; by gRPC the method does.
        var endpoint = options.OtlpEndpoint!;
        exporter.Endpoint = isHttp && endpoint.AbsolutePath == "/" ? new(endpoint, $"v1/{signal}") : endpoint;
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Headers = options.OtlpHeaders;
    }
}
