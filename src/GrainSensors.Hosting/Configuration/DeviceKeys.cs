using GrainSensors.Storage.Access;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Hosting.Configuration;

/// <summary>
/// The device keys of the store. A silo holds all of them in memory, so a request reads no store, whichever key it has: no number of
/// requests with random keys reaches the store or fills the memory. Thousands of keys take a few hundred bytes each.
/// </summary>
internal sealed class DeviceKeys
{
    private Table? _table;

    /// <summary>The store has been read, and not too long ago.</summary>
    public bool AreKnown => Volatile.Read(ref _table) is not null;

    /// <returns>The key, which may have expired; null: unknown.</returns>
    /// <remarks>The time of a lookup by hash tells nothing about keys, since nobody can choose the hash of a key.</remarks>
    public StoredDeviceKey? Find(string presented) =>
        Volatile.Read(ref _table)?.ByHash.GetValueOrDefault(Convert.ToHexStringLower(AccessKey.HashOf(presented)));

    /// <summary>Reads the keys if they have changed. Of two calls at once, one may leave it to the next call.</summary>
    /// <returns>The number of keys; null: they are as they were.</returns>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be read.</exception>
    public async Task<int?> ReadAsync(IDeviceKeyStore store, CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref _table);
        return await store.ReadAsync(known?.Revision, cancellationToken) is { } read
            && Interlocked.CompareExchange(ref _table, new(read.Revision, read.Keys.ToDictionary(key => key.Hash)), known) == known
                ? read.Keys.Count
                : null;
    }

    /// <summary>Forgets the keys, as one may have been revoked since they were read.</summary>
    public void Forget() => Volatile.Write(ref _table, null);

    private sealed record Table(Guid Revision, IReadOnlyDictionary<string, StoredDeviceKey> ByHash);
}
