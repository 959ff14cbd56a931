using System.CommandLine;
using GrainSensors.Core.Text;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Storage.Access;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Keys;

/// <summary><c>key</c>: creates access keys for the console and the API, and lists and revokes those of the store.</summary>
internal static class KeyCommand
{
    private const string DefaultName = "admin";
    private const string DefaultRole = "admin";
    private const string NameRule = "1 to 64 letters, digits, dots, dashes or underscores";

    public static Command Create()
    {
        var name = new Option<string?>("--name")
        {
            HelpName = "NAME",
            Description = $"Owner of the key [default: {DefaultName}; of a device key its sensor or source]",
        };
        var role = CommonOptions.Choice("--role", $"Role: read or admin [default: {DefaultRole}]", "read", "admin");
        var expires = CommonOptions.Time("--expires", "Time from which the key is invalid; UTC without an offset [default: never]");
        var scope = new ScopeOptions();
        var store = StoreKeys.Option(
            "Keep the hash in this store instead of the configuration; without a value, in the configured store, as device keys always are");
        store.Arity = ArgumentArity.ZeroOrOne;
        var json = CommonOptions.Json();
        var command = new Command(
            "key",
            """
            Create an access key for the console and the API, or a device key

            The command prints the key once. Clients send it as `Authorization: Bearer KEY` or enter it on the login page.
            The silos need its hash: in their configuration (Keys:0, Keys:1 and so on), or with --store in their store.
            Remove a hash from the configuration, or use `key revoke`, to revoke a key. Silos notice it within seconds.

            A device key may only send readings over HTTP: of one sensor, of sensors with a tag, or to one source. Its hash
            is in the store.

              grainsensors key --name ann --role read
              grainsensors key --name ann --role read --expires 2027-01-01 --store
              grainsensors key --device kitchen-1
              grainsensors key --tag room=kitchen --name kitchen-gateway
              grainsensors key list
              grainsensors key revoke ann
            """)
        {
            name, role, expires, scope.Device, scope.Tag, scope.Source, store, json, StoreKeys.List(), StoreKeys.Revoke(),
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var allowed = scope.Of(result);
            if (allowed is not null && result.GetResult(role) is not null)
            {
                throw new UsageException("A device key has no role, it may only send readings; leave --role out.");
            }

            var key = allowed is null ? AccessKey.Generate() : AccessKey.GenerateForDevice();
            var options = OptionsOf(
                key, result.GetValue(name) ?? NameOf(allowed), result.GetValue(role) ?? DefaultRole, result.GetValue(expires));
            var place = allowed is null && result.GetResult(store) is null
                ? null
                : await StoreKeys.AddAsync(result.GetValue(store), AccessKey.From(options), allowed, cancellationToken);
            try
            {
                Print(key, options, allowed, place, result.GetValue(json));
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

    private static string NameOf(KeyScope? scope) =>
        scope is null ? DefaultName
        : IsName(scope.Value) ? scope.Value
        : throw new UsageException($"--name is missing: the {scope} cannot name the key; a name has {NameRule}.");

    private static bool IsName(string name) =>
        new OptionsValidator<KeyOptions>("key").Validate(null, new() { Name = name, Hash = AccessKey.HashText("") }).Succeeded;

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

        return !IsName(name)
            ? throw new UsageException($"--name must be {NameRule}; got \"{name}\".")
            : new()
            {
                Name = name,
                Role = (AccessRole)rights,
                Hash = AccessKey.HashText(key),
                ExpiresAt = expires is { } at ? new DateTimeOffset(EpochTime.ToDateTime(at)) : null,
            };
    }

    /// <param name="scope">What a device key may send; null: it is an access key.</param>
    /// <param name="place">The store that has the key; null: the configuration needs its hash.</param>
    private static void Print(string key, KeyOptions options, KeyScope? scope, string? place, bool json)
    {
        var role = OptionText.Format(options.Role);
        if (json)
        {
            Console.WriteLine(scope is null
                ? JsonOutput.Of(new { key, options.Name, Role = role, options.Hash, options.ExpiresAt, Store = place })
                : JsonOutput.Of(new
                {
                    key, options.Name, Scope = KeyScope.WordOf(scope.Kind), scope.Value, options.Hash, options.ExpiresAt, Store = place,
                }));
            return;
        }

        Console.WriteLine($"Key       {key}");
        if (place is not null)
        {
            var limit = scope is null ? "" : $" It may only send {PrintableText.Escape(WhatOf(scope))}.";
            Console.WriteLine($"This key is shown only once. Its hash is in {place}; silos accept the key within seconds.{limit}");
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

    private static string WhatOf(KeyScope scope) => scope.Kind switch
    {
        KeyScopeKind.Device => $"readings of the sensor {scope.Value}",
        KeyScopeKind.Tag => $"readings of sensors with the tag {scope.Value}",
        _ => $"to the source {scope.Value}",
    };
}
