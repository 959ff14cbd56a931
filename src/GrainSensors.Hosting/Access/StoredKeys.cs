using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Hosting.Access;

/// <summary>The access keys of the store at the start of a silo.</summary>
internal static class StoredKeys
{
    /// <summary>Checks that the address of the silo is safe, before anything else is opened.</summary>
    /// <exception cref="UsageException">Every client that reaches the address would have all rights.</exception>
    public static async Task RequireSafeAddressAsync(AccessRules rules, IStore store, CancellationToken cancellationToken)
    {
        if (!rules.IsUnsafe)
        {
            return;
        }

        try
        {
            await LoadAsync(rules, store, cancellationToken);
        }
        catch (WindowStoreUnavailableException)
        {
            // A store that does not answer, or that has no tables yet, has no key that could protect the silo.
        }

        rules.RequireSafeAddress();
    }

    /// <exception cref="UsageException">Store and configuration have keys with one name or one hash.</exception>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be read.</exception>
    public static async Task LoadAsync(AccessRules rules, IStore store, CancellationToken cancellationToken)
    {
        var keys = await store.Access.Keys.ReadAsync(cancellationToken);
        if (rules.Keys.Store(keys.Select(AccessKey.From)).Refused is [var refused, ..])
        {
            throw new UsageException(Describe(refused, store));
        }

        await rules.DeviceKeys.ReadAsync(store.Access.DeviceKeys, cancellationToken);
    }

    public static string Describe(AccessKey refused, IStore store) =>
        $"The access key \"{refused.Name}\" in {store.Description} has the name or the hash of a key in {HttpOptions.Section}:Keys; "
        + $"remove one of them, for example with `grainsensors key revoke {refused.Name}`.";
}
