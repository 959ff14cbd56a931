using System.CommandLine;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Keys;

/// <summary><c>key</c>: creates access keys for the console and the API, and lists and revokes those of the store.</summary>
internal static class KeyCommand
{
    private const string DefaultName = "admin";
    private const string DefaultRole = "admin";

    public static Command Create()
    {
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = $"Owner of the key [default: {DefaultName}]" };
        var role = CommonOptions.Choice("--role", $"Role: read or admin [default: {DefaultRole}]", "read", "admin");
        var expires = CommonOptions.Time("--expires", "Time from which the key is invalid; UTC without an offset [default: never]");
        var store = StoreKeys.Option("Keep the hash in this store instead of the configuration; without a value, in the configured store");
        store.Arity = ArgumentArity.ZeroOrOne;
        var json = CommonOptions.Json();
        var command = new Command(
            "key",
            """
            Create an access key for the console and the API

            The command prints the key once. Clients send it as `Authorization: Bearer KEY` or enter it on the login page.
            The silos need its hash: in their configuration (Keys:0, Keys:1 and so on), or with --store in their store.
            Remove a hash from the configuration, or use `key revoke`, to revoke a key. Silos notice it within seconds.

              grainsensors key --name ann --role read
              grainsensors key --name ann --role read --expires 2027-01-01 --store
              grainsensors key list
              grainsensors key revoke ann
            """)
        {
            name, role, expires, store, json, StoreKeys.List(), StoreKeys.Revoke(),
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var key = AccessKey.Generate();
            var options = OptionsOf(
                key, result.GetValue(name) ?? DefaultName, result.GetValue(role) ?? DefaultRole, result.GetValue(expires));
            var place = result.GetResult(store) is null
                ? null
                : await StoreKeys.AddAsync(result.GetValue(store), AccessKey.From(options), cancellationToken);
            try
            {
                Print(key, options, place, result.GetValue(json));
            }
            catch (Exception e) when (place is not null && e is (IOException or UnauthorizedAccessException))
            {
                // A key that was not shown is of no use.
                await StoreKeys.RemoveAsync(result.GetValue(store), options.Name);
                throw;
            }

            return ExitCodes.Success;
        });
        return command;
    }

    /// <exception cref="UsageException">A value is invalid.</exception>
    private static KeyOptions OptionsOf(string key, string name, string role, long? expires)
    {
        if (!OptionText.NamesOf(typeof(AccessRole)).TryGetValue(role, out var rights))
        {
            throw new UsageException($"--role must be read or admin; got \"{role}\".");
        }

        if (expires <= EpochTime.Now(TimeProvider.System))
        {
            throw new UsageException($"--expires must be in the future; got {EpochTime.ToIso8601(expires.Value)}.");
        }

        var options = new KeyOptions
        {
            Name = name,
            Role = (AccessRole)rights,
            Hash = AccessKey.HashText(key),
            ExpiresAt = expires is { } at ? new DateTimeOffset(EpochTime.ToDateTime(at)) : null,
        };
        return new OptionsValidator<KeyOptions>("key").Validate(null, options) is { Failed: true }
            ? throw new UsageException($"--name must be 1 to 64 letters, digits, dots, dashes or underscores; got \"{name}\".")
            : options;
    }

    /// <param name="place">The store that has the key; null: the configuration needs its hash.</param>
    private static void Print(string key, KeyOptions options, string? place, bool json)
    {
        var role = OptionText.Format(options.Role);
        if (json)
        {
            Console.WriteLine(JsonOutput.Of(new { key, options.Name, Role = role, options.Hash, options.ExpiresAt, Store = place }));
            return;
        }

        Console.WriteLine($"Key       {key}");
        if (place is not null)
        {
            Console.WriteLine($"This key is shown only once. Its hash is in {place}; silos accept the key within seconds.");
            return;
        }

        const string Prefix = $"{PipelineOptions.Section}__Http__Keys__0__";
        Console.WriteLine(
            $"""
            This key is shown only once. Set these environment variables for the silos:

            {Prefix}Name={options.Name}
            {Prefix}Role={role}
            {Prefix}Hash={options.Hash}
            """);
        if (options.ExpiresAt is { } expiry)
        {
            Console.WriteLine($"{Prefix}ExpiresAt={OptionText.Format(expiry)}");
        }
    }
}
