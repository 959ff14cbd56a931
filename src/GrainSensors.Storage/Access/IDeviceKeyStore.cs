using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Access;

/// <summary>The table <c>device_keys</c>: keys that may only send readings.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IDeviceKeyStore
{
    /// <returns>False if a device key has the name or the hash already, or an access key the name.</returns>
    Task<bool> AddAsync(StoredDeviceKey key, CancellationToken cancellationToken);

    /// <summary>Reads all keys, as there may be thousands only if they have changed.</summary>
    /// <param name="known">The revision that the caller has; null: none.</param>
    /// <returns>The keys by name, expired ones included; null: they are those of the known revision.</returns>
    Task<DeviceKeyTable?> ReadAsync(Guid? known, CancellationToken cancellationToken);

    /// <returns>False if no key has the name.</returns>
    Task<bool> RemoveAsync(string name, CancellationToken cancellationToken);
}

/// <summary>The device keys at one moment.</summary>
/// <param name="Revision">Another one after each change.</param>
public sealed record DeviceKeyTable(Guid Revision, IReadOnlyList<StoredDeviceKey> Keys);

/// <summary>A device key in the store. Times in µs since the epoch.</summary>
/// <param name="Name">No access key of the store has it.</param>
/// <param name="Hash">SHA-256 of the key, hexadecimal.</param>
/// <param name="CreatedBy">The person who made the key.</param>
/// <param name="ExpiresAt">Null: never.</param>
public sealed record StoredDeviceKey(string Name, string Hash, KeyScope Scope, long CreatedAt, string CreatedBy, long? ExpiresAt);

/// <summary>What a device key may send.</summary>
/// <param name="Value">
/// The sensor as <see cref="Core.Readings.SensorRef"/> writes it, the tag such as <c>room=kitchen</c>, or the name of the source.
/// </param>
public sealed record KeyScope(KeyScopeKind Kind, string Value)
{
    /// <returns><c>device kitchen-1</c>, for lists and logs.</returns>
    public override string ToString() => $"{WordOf(Kind)} {Value}";

    public static string WordOf(KeyScopeKind kind) => kind switch
    {
        KeyScopeKind.Device => "device",
        KeyScopeKind.Tag => "tag",
        _ => "source",
    };

    /// <exception cref="FormatException">It is none of the words.</exception>
    public static KeyScopeKind KindOf(string word) => word switch
    {
        "device" => KeyScopeKind.Device,
        "tag" => KeyScopeKind.Tag,
        "source" => KeyScopeKind.Source,
        _ => throw new FormatException($"A scope must be device, tag or source; got \"{word}\"."),
    };
}

/// <summary>The kinds of <see cref="KeyScope"/>.</summary>
public enum KeyScopeKind
{
    /// <summary>Readings of one sensor.</summary>
    Device,

    /// <summary>Readings of sensors that have a tag in the registry.</summary>
    Tag,

    /// <summary>Payloads of one source, whatever their sensors.</summary>
    Source,
}
