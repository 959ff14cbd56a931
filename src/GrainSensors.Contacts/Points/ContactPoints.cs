using System.Text.Json;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Points;

/// <summary>The contact points of the configuration and of the store.</summary>
/// <param name="configured">A stored one of the same name is not used.</param>
/// <param name="secrets">Null: no key is configured.</param>
public sealed class ContactPoints(
    IContactPointStore store, ContactRules rules, IReadOnlyList<ContactPoint> configured, SecretBox? secrets, TimeProvider clock)
{
    public const string NoKey =
        "Secrets of contact points are stored encrypted; set Notifications:SecretKey to the output of `openssl rand -base64 32` on every "
        + "silo.";

    public const string OtherKey =
        "The secrets cannot be decrypted: they were encrypted with another Notifications:SecretKey. Set that one, or the secrets again.";

    public ContactRules Rules => rules;

    /// <returns>All contact points, sorted by name.</returns>
    public async Task<IReadOnlyList<ContactPoint>> ReadAsync(CancellationToken cancellationToken) =>
    [
        .. (await store.ReadAsync(cancellationToken)).Select(Of)
            .Where(stored => !configured.Any(point => point.Name == stored.Name))
            .Concat(configured)
            .OrderBy(point => point.Name, StringComparer.Ordinal),
    ];

    public async Task<ContactPoint?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await ReadAsync(cancellationToken)).FirstOrDefault(point => point.Name == name);

    /// <summary>Adds or replaces a contact point. Secrets that are absent stay if the kind stays; null removes one.</summary>
    /// <returns>The contact point, and whether it is new.</returns>
    /// <exception cref="FormatException">It is invalid, or secrets cannot be stored; the message has a sentence for each fault.</exception>
    public async Task<(ContactPoint Point, bool IsNew)> WriteAsync(
        ContactPoint wanted, IReadOnlyDictionary<string, string?> changedSecrets, string by, CancellationToken cancellationToken)
    {
        RequireStored(wanted.Name);
        var before = await FindAsync(wanted.Name, cancellationToken);
        var kept = before?.Kind == wanted.Kind
            ? before.Values.Secrets.Where(
                secret => !changedSecrets.ContainsKey(secret.Key) && !wanted.Values.Settings.ContainsKey(secret.Key))
            : [];
        var merged = kept.Concat(changedSecrets.Where(secret => secret.Value is not null)
                .Select(secret => KeyValuePair.Create(secret.Key, secret.Value!)))
            .ToDictionary(StringComparer.Ordinal);
        var point = wanted with
        {
            Values = new(wanted.Values.Settings, merged),
            ChangedAt = EpochTime.Now(clock),
            ChangedBy = by,
        };
        var faults = rules.Check(point).ToList();
        if (faults.Count > 0)
        {
            throw new FormatException(string.Join(' ', faults));
        }

        if (merged.Count > 0 && secrets is null)
        {
            throw new FormatException(NoKey);
        }

        var isNew = await store.WriteAsync(
            new(
                point.Name, point.Kind, point.IsEnabled, JsonSerializer.Serialize(point.Values.Settings),
                merged.Count == 0 ? null : secrets!.Protect(point.Name, merged), point.ChangedAt.Value, by),
            cancellationToken);
        return (point, isNew);
    }

    /// <exception cref="FormatException">The contact point is of the configuration.</exception>
    /// <returns>False if there is none of this name.</returns>
    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        RequireStored(name);
        return store.RemoveAsync(name, cancellationToken);
    }

    private void RequireStored(string name)
    {
        if (configured.Any(point => point.Name == name))
        {
            throw new FormatException($"The contact point \"{name}\" is in the configuration of the silos; change it there.");
        }
    }

    private ContactPoint Of(StoredContactPoint stored)
    {
        var settings = JsonSerializer.Deserialize<Dictionary<string, string>>(stored.Settings) ?? [];
        var opened = stored.Secrets is null ? new Dictionary<string, string>() : secrets?.Open(stored.Name, stored.Secrets);
        var point = new ContactPoint(stored.Name, stored.Kind, stored.IsEnabled, new(settings, opened ?? new Dictionary<string, string>()))
        {
            ChangedAt = stored.ChangedAt,
            ChangedBy = stored.ChangedBy,
        };
        var problem = opened is null ? (secrets is null ? NoKey : OtherKey) : rules.Check(point).FirstOrDefault();
        return point with { Problem = problem };
    }
}
