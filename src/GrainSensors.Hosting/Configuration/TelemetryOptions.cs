using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Telemetry</c>: metrics and traces.</summary>
internal sealed record TelemetryOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Telemetry";

    /// <summary>Collect metrics and serve <c>/metrics</c>.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>OpenTelemetry collector; without it, nothing is exported.</summary>
    [Value("an address such as http://localhost:4317")]
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Protocol of the collector.</summary>
    public OtlpProtocol OtlpProtocol { get; init; } = OtlpProtocol.Grpc;

    /// <summary>Headers for the collector, such as its key: <c>name=value</c>, several separated by commas.</summary>
    [Redact]
    public string? OtlpHeaders { get; init; }

    /// <summary>
    /// Share of requests and readings to trace if the sender made no decision; needs an endpoint. A sender decides with a
    /// <c>traceparent</c>.
    /// </summary>
    [Number(0, 1, isInteger: false)]
    public double TraceRatio { get; init; } = 0.001;

    /// <summary>Whether traces are exported.</summary>
    public bool HasTraces => OtlpEndpoint is not null;

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Section;
}
