using System.Net;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Decides which HTTP requests are allowed.</summary>
/// <remarks>
/// The address on which a silo listens decides, never the address of the client: behind a proxy every request comes from the
/// proxy's address, which may be loopback.
/// </remarks>
internal sealed class AccessRules
{
    private readonly HttpOptions _options;

    /// <param name="options">The HTTP options; they are valid.</param>
    public AccessRules(HttpOptions options)
    {
        (_options, Keys) = (options, new(options.Keys.Select(AccessKey.From)));
        Proxies = ProxyNetworks.Parse(options.KnownProxies);
        Origins = Configuration.CorsOrigins.Parse(options.CorsOrigins);
    }

    /// <summary>The access keys, which change while the silo runs.</summary>
    public AccessKeys Keys { get; }

    /// <summary>The device keys, which change while the silo runs. They open nothing but the doors for readings.</summary>
    public DeviceKeys DeviceKeys { get; } = new();

    /// <summary>The limits on connections, requests and event streams.</summary>
    public HttpOptions Limits => _options;

    /// <summary>The networks of the reverse proxies whose headers are believed.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; }

    /// <summary>The origins of other sites whose pages may use the API.</summary>
    public IReadOnlySet<string> Origins { get; }

    /// <summary>
    /// Requests need no key: only this machine reaches the address, or the configuration allows it. A silo that has had a key stays
    /// closed when its last key is revoked.
    /// </summary>
    public bool IsOpen => _options.Insecure || !IsProtected;

    /// <summary>
    /// Requests must name this machine by its loopback name. Otherwise a foreign page, open in a browser on this machine, could
    /// resolve its own name to loopback and read everything as a local client.
    /// </summary>
    public bool IsForLoopbackNamesOnly => IsOpen && !_options.Insecure;

    /// <summary>The limit of a client: a key, or an address without one.</summary>
    public int RequestsPerSecond => _options.RequestsPerSecond;

    public long MaxRequestBytes => _options.MaxRequestBytes;

    /// <summary>Every client that reaches the address would have all rights, and the configuration does not allow it.</summary>
    public bool IsUnsafe => !IPAddress.IsLoopback(_options.Address) && !IsProtected && !_options.Insecure;

    private bool IsProtected => Keys.HaveExisted || _options.Oidc.Authority is not null;

    /// <summary>Checks that the address of the silo is safe. The silo calls it before it listens.</summary>
    /// <exception cref="UsageException">Every client that reaches the address would have all rights.</exception>
    public void RequireSafeAddress()
    {
        if (IsUnsafe)
        {
            throw new UsageException(
                $"{HttpOptions.Section}:Address {_options.Address} is reachable from other machines, and no key protects it; "
                + $"make a key with `grainsensors key` and set {HttpOptions.Section}:Keys, or allow access without a key with --insecure.");
        }
    }
}
