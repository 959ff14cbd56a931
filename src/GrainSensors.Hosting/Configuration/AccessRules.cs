using System.Net;
using System.Security.Cryptography;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Who may see and do what by HTTP.</summary>
/// <remarks>
/// The address on which a silo listens decides, never the one from which somebody comes: behind a proxy everybody comes
/// from the proxy's, which may be loopback.
/// </remarks>
internal sealed class AccessRules
{
    private readonly IReadOnlyList<AccessKey> _keys;
    private readonly IPAddress _address;
    private readonly bool _insecure;

    private AccessRules(IReadOnlyList<AccessKey> keys, IPAddress address, bool insecure, int requestsPerSecond, long maxRequestBytes) =>
        (_keys, _address, _insecure, RequestsPerSecond, MaxRequestBytes) = (keys, address, insecure, requestsPerSecond, maxRequestBytes);

    /// <summary>Nobody is asked for a key: only this machine can come, or it was wanted so.</summary>
    public bool IsOpen => _insecure || _keys.Count == 0;

    /// <summary>
    /// Whoever comes must have asked for this machine by its loopback name. A page of somebody else's, open in a browser
    /// here, could otherwise have its own name point to loopback, and read everything as if it were from here.
    /// </summary>
    public bool IsForLoopbackNamesOnly => IsOpen && !_insecure;

    /// <summary>Of a client: a key, or an address without one.</summary>
    public int RequestsPerSecond { get; }

    public long MaxRequestBytes { get; }

    /// <exception cref="ArgumentException">With a sentence that names the key and the cure.</exception>
    public static AccessRules From(HttpOptions options, IPAddress address)
    {
        var keys = options.Keys.Select((key, index) => AccessKey.From(key, $"{PipelineOptions.Section}:Http:Keys:{index}")).ToList();
        if (keys.GroupBy(key => key.Name).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
        {
            throw new ArgumentException($"{PipelineOptions.Section}:Http:Keys has \"{twice}\" twice; give every key a name of its own.");
        }

        if (options.RequestsPerSecond is < 1 or > 1_000_000)
        {
            throw new ArgumentException($"{PipelineOptions.Section}:Http:RequestsPerSecond is {options.RequestsPerSecond}; give a number from 1 to 1000000.");
        }

        if (options.MaxRequestBytes is < 1024 or > 1L << 30)
        {
            throw new ArgumentException($"{PipelineOptions.Section}:Http:MaxRequestBytes is {options.MaxRequestBytes}; give a number from 1024 to 1073741824.");
        }

        return new(keys, address, options.Insecure, options.RequestsPerSecond, options.MaxRequestBytes);
    }

    /// <summary>To be called before somebody listens.</summary>
    /// <exception cref="UsageException">Everybody who reaches the address would see and do everything.</exception>
    public void RequireSafeAddress()
    {
        if (!IPAddress.IsLoopback(_address) && _keys.Count == 0 && !_insecure)
        {
            throw new UsageException(
                $"Other machines reach {PipelineOptions.Section}:Http:Address {_address}, and no key is asked for; "
                + $"make one with `grainsensors key` and set {PipelineOptions.Section}:Http:Keys, or let everybody in with --insecure.");
        }
    }

    /// <returns>The key that this is, null if it is none. Takes as long whichever it is, and however much of it is right.</returns>
    public AccessKey? Find(string presented)
    {
        var hash = AccessKey.HashOf(presented);
        AccessKey? found = null;
        foreach (var key in _keys)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, key.Hash.Span) ? key : found;
        }

        return found;
    }
}
