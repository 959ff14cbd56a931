using System.Net;
using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Http</c>: console, API, health checks and metrics.</summary>
internal sealed record HttpOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Http";

    public const int DefaultPort = 8080;

    /// <summary>IP address of console, API, health checks, metrics and dashboard.</summary>
    [Value("an IP address of this machine, or 0.0.0.0 for all")]
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>
    /// Port of console and API. If the key is not set, the port is 8080, and <c>run</c> takes a free port if 8080 is in use.
    /// </summary>
    [Number(0, 65535, note: "0: any free port")]
    public int? Port { get; init; }

    /// <summary>Serve without keys on an address that other machines reach.</summary>
    public bool Insecure { get; init; }

    /// <summary>Access keys; without any, every client has all rights.</summary>
    public IReadOnlyList<KeyOptions> Keys { get; init; } = [];

    /// <summary>Serve the Orleans dashboard.</summary>
    public bool Dashboard { get; init; } = true;

    /// <summary>Limit for each key, or for each address without a key.</summary>
    [Number(1, 1_000_000)]
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>Largest request body, in bytes.</summary>
    [Number(1024, 1L << 30)]
    public long MaxRequestBytes { get; init; } = 4 * 1024 * 1024;
}
