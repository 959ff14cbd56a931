using System.CommandLine;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Stores;
using GrainSensors.Invocation;
using GrainSensors.Storage;
using GrainSensors.Storage.Access;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Keys;

/// <summary>The keys of the store: <c>key --store</c>, <c>key list</c> and <c>key revoke</c>.</summary>
internal static class StoreKeys
{
    public static Option<string?> Option(string description) => CommonOptions.Store(description);

    public static Command List()
    {
        var store = Option($"Store of the keys {CommonOptions.FromConfiguration}");
        var json = CommonOptions.Json("Print the result as a JSON array");
        var command = new Command("list", "List the access keys of the configuration and of the store, and the device keys") { json, store };
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = Settings(result.GetValue(store));
            await using var database = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
            var stored = await database.Access.Keys.ReadAsync(cancellationToken);
            var devices = await database.Access.DeviceKeys.ReadAsync(null, cancellationToken);
            var lines = settings.Http.Keys
                .Select(key => new Line(key.Name, OptionText.Format(key.Role), "configuration", null, null, TextOf(key.ExpiresAt)))
                .Concat(stored.Select(Of))
                .Concat((devices?.Keys ?? []).Select(Of));
            foreach (var line in result.GetValue(json) ? [] : lines)
            {
                Console.WriteLine(PrintableText.Escape(line.ToString()));
            }

            if (result.GetValue(json))
            {
                Console.WriteLine(JsonOutput.Of(lines.ToList()));
            }

            return ExitCodes.Success;
        });
        return command;
    }

    public static Command Revoke()
    {
        var store = Option($"Store of the keys {CommonOptions.FromConfiguration}");
        var name = new Argument<string>("NAME") { Description = "Owner of the key" };
        var command = new Command("revoke", "Remove a key from the store and end its sessions") { name, store };
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = Settings(result.GetValue(store));
            await using var database = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
            var owner = result.GetRequiredValue(name);
            if (!await RemoveAsync(database, owner, cancellationToken))
            {
                throw new UsageException(settings.Http.Keys.Any(key => key.Name == owner)
                    ? $"The key \"{owner}\" is in the configuration; remove it from {HttpOptions.Section}:Keys of every silo."
                    : $"{database.Description} has no key \"{owner}\"; `grainsensors key list` prints the keys.");
            }

            Console.WriteLine($"Revoked the key \"{owner}\" in {database.Description}. Silos refuse it within seconds.");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <param name="scope">What a device key may send; null: it is an access key.</param>
    /// <returns>The name of the store.</returns>
    /// <exception cref="UsageException">The store or the configuration has a key of this name.</exception>
    public static async Task<string> AddAsync(string? store, AccessKey key, KeyScope? scope, CancellationToken cancellationToken)
    {
        var settings = Settings(store);
        await using var database = await StoreFactory.OpenExistingAsync(settings, cancellationToken);
        var (now, user) = (EpochTime.Now(TimeProvider.System), Environment.UserName);
        long? expires = key.ExpiresAt is { } expiry ? EpochTime.From(expiry) : null;
        var isTaken = settings.Http.Keys.Any(other => other.Name == key.Name) || !(scope is null
            ? await database.Access.Keys.AddAsync(
                new(key.Name, key.HashHex, key.Role == AccessRole.Admin, now, user, expires), cancellationToken)
            : await database.Access.DeviceKeys.AddAsync(new(key.Name, key.HashHex, scope, now, user, expires), cancellationToken));
        if (isTaken)
        {
            throw new UsageException(
                $"A key \"{key.Name}\" exists already; give another --name, or revoke it with `grainsensors key revoke {key.Name}`.");
        }

        await database.RecordAsync(AuditActions.KeyAdd, key.Name, scope?.ToString() ?? OptionText.Format(key.Role), cancellationToken);
        if (scope is not null && settings.Http is { Keys.Count: 0, Oidc.Authority: null }
            && (await database.Access.Keys.ReadAsync(cancellationToken)).Count == 0)
        {
            await Console.Error.WriteLineAsync(
                "There is no access key, and silos without one require no key at all; make one with `grainsensors key --store`.");
        }

        return database.Description;
    }

    /// <summary>Removes a key that was added.</summary>
    public static async Task RemoveAsync(string? store, string name)
    {
        await using var database = await StoreFactory.OpenExistingAsync(Settings(store), CancellationToken.None);
        await RemoveAsync(database, name, CancellationToken.None);
    }

    /// <returns>False if the store has no key of this name.</returns>
    private static async Task<bool> RemoveAsync(IStore database, string name, CancellationToken cancellationToken)
    {
        var isRemoved = await database.Access.Keys.RemoveAsync(name, cancellationToken);
        isRemoved |= await database.Access.DeviceKeys.RemoveAsync(name, cancellationToken);
        if (isRemoved)
        {
            await database.RecordAsync(AuditActions.KeyRevoke, name, cancellationToken: cancellationToken);
        }

        return isRemoved;
    }

    private static Line Of(StoredKey key) => new(
        key.Name,
        OptionText.Format(key.IsAdmin ? AccessRole.Admin : AccessRole.Read),
        "store",
        EpochTime.ToIso8601(key.CreatedAt),
        key.CreatedBy,
        key.ExpiresAt is { } at ? EpochTime.ToIso8601(at) : null);

    private static Line Of(StoredDeviceKey key) => new(
        key.Name,
        Role: null,
        "store",
        EpochTime.ToIso8601(key.CreatedAt),
        key.CreatedBy,
        key.ExpiresAt is { } at ? EpochTime.ToIso8601(at) : null,
        KeyScope.WordOf(key.Scope.Kind),
        key.Scope.Value);

    private static string? TextOf(DateTimeOffset? time) => time is { } at ? OptionText.Format(at) : null;

    private static PipelineSettings Settings(string? store) => PipelineSettings.Load(CommonOptions.Overrides(("Store", store)));

    /// <param name="Role">Null: it is a device key.</param>
    /// <param name="Scope">The kind of the scope of a device key.</param>
    /// <param name="Value">The sensor, the tag or the source.</param>
    private sealed record Line(
        string Name, string? Role, string Source, string? CreatedAt, string? CreatedBy, string? ExpiresAt, string? Scope = null,
        string? Value = null)
    {
        public override string ToString()
        {
            var created = CreatedAt is null ? "" : $", created {CreatedAt} by {CreatedBy}";
            var expires = ExpiresAt is null ? "" : $", expires {ExpiresAt}";
            return $"{Name}  {Role ?? $"send for {Scope} {Value}"}, {Source}{created}{expires}";
        }
    }
}
