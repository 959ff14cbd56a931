namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Telemetry</c>: where metrics and traces go besides <c>/metrics</c>.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>Whether anything is measured; false: there is no <c>/metrics</c>, and the instruments cost nothing.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>A collector, such as <c>http://localhost:4317</c>; null: nowhere.</summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary><c>grpc</c> or <c>http/protobuf</c>.</summary>
    public string OtlpProtocol { get; set; } = "grpc";

    /// <summary><c>name=value</c>, several separated by commas; a collector's key goes here.</summary>
    [Redact]
    public string? OtlpHeaders { get; set; }

    /// <summary>
    /// The part of the requests and readings that is followed where nobody before has decided; only with an endpoint.
    /// Whoever sends a <c>traceparent</c> has decided.
    /// </summary>
    public double TraceRatio { get; set; } = 0.001;
}
