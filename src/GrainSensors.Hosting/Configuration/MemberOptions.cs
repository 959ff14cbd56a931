using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Silo</c>: how the silos of a cluster reach each other.</summary>
internal sealed record MemberOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Silo";

    public const int DefaultSiloPort = 11111;
    public const int DefaultGatewayPort = 30000;

    /// <summary>Port for other silos.</summary>
    [Number(0, 65535, note: "0: any free port")]
    public int SiloPort { get; init; } = DefaultSiloPort;

    /// <summary>Port for clients of the cluster, such as <c>grainsensors status</c>.</summary>
    [Number(0, 65535, note: "0: any free port")]
    public int GatewayPort { get; init; } = DefaultGatewayPort;

    /// <summary>
    /// Address or name of this machine at which other silos and clients reach the silo. The default is loopback, because the two
    /// ports are unauthenticated without <see cref="Tls"/>.
    /// </summary>
    public string AdvertisedAddress { get; init; } = "127.0.0.1";

    /// <summary>Interval at which silos probe each other; three missed probes in a row declare a silo dead.</summary>
    /// <remarks>The least value is longer than a pause of the garbage collector, which must not kill a silo.</remarks>
    [Duration("0.5s")]
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>TLS between silos, and between silos and clients.</summary>
    public MemberTlsOptions Tls { get; init; } = new();
}
