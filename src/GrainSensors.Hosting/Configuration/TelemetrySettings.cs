using OpenTelemetry.Exporter;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The <see cref="TelemetryOptions"/>, checked.</summary>
/// <param name="Endpoint">Null: nothing is sent anywhere.</param>
internal sealed record TelemetrySettings(bool Metrics, Uri? Endpoint, OtlpExportProtocol Protocol, string? Headers, double TraceRatio)
{
    public bool Traces => Endpoint is not null;

    /// <exception cref="ArgumentException">With a sentence that names the key and the cure.</exception>
    public static TelemetrySettings From(TelemetryOptions options)
    {
        const string Section = $"{PipelineOptions.Section}:Telemetry";
        Uri? endpoint = null;
        if (!string.IsNullOrEmpty(options.OtlpEndpoint)
            && (!Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https")))
        {
            throw new ArgumentException($"{Section}:OtlpEndpoint is \"{options.OtlpEndpoint}\"; give an address such as http://localhost:4317.");
        }

        var protocol = options.OtlpProtocol.ToLowerInvariant() switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            var other => throw new ArgumentException($"{Section}:OtlpProtocol is \"{other}\"; give grpc or http/protobuf."),
        };
        return options.TraceRatio is >= 0 and <= 1
            ? new(options.Metrics, endpoint, protocol, options.OtlpHeaders, options.TraceRatio)
            : throw new ArgumentException($"{Section}:TraceRatio is {options.TraceRatio}; give a part from 0 to 1.");
    }

    public void Apply(OtlpExporterOptions otlp, string signal)
    {
        // The address of the protocol by HTTP names what is sent; by gRPC the method does.
        otlp.Endpoint = Protocol == OtlpExportProtocol.HttpProtobuf && Endpoint!.AbsolutePath == "/" ? new(Endpoint, $"v1/{signal}") : Endpoint!;
        otlp.Protocol = Protocol;
        otlp.Headers = Headers;
    }
}
