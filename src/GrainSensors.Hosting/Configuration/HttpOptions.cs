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

    /// <summary>
    /// Prefix of all paths at the reverse proxy, such as <c>/grainsensors</c>. Links, redirects and cookies have it; requests may.
    /// </summary>
    [Text(@"^(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*$", "a path such as /grainsensors without a slash at its end")]
    public string PathBase { get; init; } = "";

    /// <summary>Serve without keys on an address that other machines reach.</summary>
    public bool Insecure { get; init; }

    /// <summary>Access keys; without any, every client has all rights.</summary>
    public IReadOnlyList<KeyOptions> Keys { get; init; } = [];

    /// <summary>Serve the Orleans dashboard.</summary>
    public bool Dashboard { get; init; } = true;

    /// <summary>Limit for each key, or for each address without a key.</summary>
    [Number(1, 1_000_000)]
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>Largest request body, in bytes, after decompression.</summary>
    [Number(1024, 1L << 30)]
    public long MaxRequestBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Largest sum of the request bodies that are being read or handled, in bytes.</summary>
    [Number(1024, 1L << 40)]
    public long MaxBufferedBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Largest number of open connections.</summary>
    [Number(1, 1_000_000)]
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Largest number of open connections of an address, or of an IPv6 /64 network. Known proxies have no such limit.</summary>
    [Number(1, 1_000_000)]
    public int MaxConnectionsPerAddress { get; init; } = 512;

    /// <summary>Largest number of requests at once of a key, or of an address without a key; event streams count apart.</summary>
    [Number(1, 1_000_000)]
    public int MaxRequestsAtOnce { get; init; } = 200;

    /// <summary>Largest number of event streams of a silo.</summary>
    [Number(1, 1_000_000)]
    public int MaxStreams { get; init; } = 2000;

    /// <summary>Largest number of event streams of a key at a silo.</summary>
    [Number(1, 1_000_000)]
    public int MaxStreamsPerKey { get; init; } = 20;

    /// <summary>
    /// Addresses or networks of the reverse proxies whose headers <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed,
    /// separated by commas.
    /// </summary>
    public string KnownProxies { get; init; } = "127.0.0.0/8, ::1";

    /// <summary>
    /// Origins of other sites whose pages may use the API with an access key, such as <c>https://dash.example</c>, separated by commas.
    /// </summary>
    public string CorsOrigins { get; init; } = "";

    /// <summary>
    /// PEM file of a certificate with an RSA key. It encrypts the data-protection keys in the store; all silos need the same.
    /// </summary>
    public string? ProtectionCertificateFile { get; init; }

    /// <summary>PEM file of the certificate's private key; without it, the certificate's file holds the key.</summary>
    public string? ProtectionKeyFile { get; init; }

    /// <summary>Log-in at an identity provider.</summary>
    public OidcOptions Oidc { get; init; } = new();

    /// <summary>Age at which entries of the audit log are deleted.</summary>
    [Duration("1d", never: true)]
    public TimeSpan AuditRetention { get; init; } = TimeSpan.FromDays(400);
}
