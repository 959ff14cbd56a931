using System.Security.Cryptography;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The access keys of a silo: those of its configuration and those of the store. Both change while the silo runs.</summary>
internal sealed class AccessKeys
{
    private readonly Lock _lock = new();
    private IReadOnlyList<AccessKey> _configured;
    private IReadOnlyList<AccessKey> _stored = [];
    private volatile IReadOnlyList<AccessKey> _all;
    private volatile bool _haveExisted;

    public AccessKeys(IEnumerable<AccessKey> configured)
    {
        _all = _configured = [.. configured];
        _haveExisted = _all.Count > 0;
    }

    /// <summary>All keys, expired ones included.</summary>
    public IReadOnlyList<AccessKey> All => _all;

    /// <summary>The silo has or had a key.</summary>
    public bool HaveExisted => _haveExisted;

    /// <summary>Replaces the keys of the configuration.</summary>
    public AccessKeyChanges Configure(IEnumerable<AccessKey> keys)
    {
        lock (_lock)
        {
            _configured = [.. keys];
            return Combine();
        }
    }

    /// <summary>Replaces the keys of the store.</summary>
    public AccessKeyChanges Store(IEnumerable<AccessKey> keys)
    {
        lock (_lock)
        {
            _stored = [.. keys];
            return Combine();
        }
    }

    /// <returns>
    /// The key, which may have expired; null: unknown. Takes the same time for every key, and however much of a key is right.
    /// </returns>
    public AccessKey? Find(string presented)
    {
        var hash = AccessKey.HashOf(presented);
        AccessKey? found = null;
        foreach (var key in _all)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, key.Hash.Span) ? key : found;
        }

        return found;
    }

    /// <returns>The key, which may have expired; null: unknown.</returns>
    public AccessKey? FindByHash(string hashHex) => _all.FirstOrDefault(key => key.HashHex == hashHex);

    /// <summary>A key of the store whose name or hash the configuration has, too, would make two owners one: it is left out.</summary>
    private AccessKeyChanges Combine()
    {
        var before = _all;
        var refused = _stored.Where(key => _configured.Any(other => other.Name == key.Name || other.HashHex == key.HashHex)).ToList();
        _all = [.. _configured, .. _stored.Except(refused)];
        _haveExisted |= _all.Count > 0;
        return new(Difference(_all, before), Difference(before, _all), refused);
    }

    private static List<AccessKey> Difference(IReadOnlyList<AccessKey> keys, IReadOnlyList<AccessKey> others) =>
        [.. keys.Where(key => others.All(other => other.HashHex != key.HashHex))];
}

/// <summary>What a replacement of keys changed.</summary>
/// <param name="Refused">Keys of the store that have the name or the hash of a key of the configuration.</param>
internal sealed record AccessKeyChanges(
    IReadOnlyList<AccessKey> Added, IReadOnlyList<AccessKey> Removed, IReadOnlyList<AccessKey> Refused);
