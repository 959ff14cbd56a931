using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Keys;

/// <summary><c>key</c>: creates an access key for the console and the API. Only its hash is stored.</summary>
internal static class KeyCommand
{
    private const string DefaultName = "admin";
    private const string DefaultRole = "admin";

    public static Command Create()
    {
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = $"Owner of the key [default: {DefaultName}]" };
        var role = CommonOptions.Choice("--role", $"Role: read or admin [default: {DefaultRole}]", "read", "admin");
        var json = CommonOptions.Json();
        var command = new Command(
            "key",
            """
            Create an access key for the console and the API

            The command prints the key once, and its hash for the configuration of the silos. Clients send the key as
            `Authorization: Bearer KEY` or enter it on the login page. Number several keys in the configuration:
            Keys:0, Keys:1 and so on. Remove a hash to revoke its key.

              grainsensors key --name ann --role read
            """)
        {
            name, role, json,
        };
        command.SetAction(result => Run(result.GetValue(name) ?? DefaultName, result.GetValue(role) ?? DefaultRole, result.GetValue(json)));
        return command;
    }

    private static int Run(string name, string role, bool json)
    {
        var key = AccessKey.Generate();
        if (!OptionText.NamesOf(typeof(AccessRole)).TryGetValue(role, out var rights))
        {
            throw new UsageException($"--role must be read or admin; got \"{role}\".");
        }

        var options = new KeyOptions { Name = name, Role = (AccessRole)rights, Hash = AccessKey.HashText(key) };
        if (new OptionsValidator<KeyOptions>("key").Validate(null, options) is { Failed: true })
        {
            throw new UsageException($"--name must be 1 to 64 letters, digits, dots, dashes or underscores; got \"{name}\".");
        }

        var roleName = OptionText.Format(options.Role);
        if (json)
        {
            Console.WriteLine(JsonOutput.Of(new { key, options.Name, Role = roleName, options.Hash }));
            return ExitCodes.Success;
        }

        const string Prefix = $"{PipelineOptions.Section}__Http__Keys__0__";
        Console.WriteLine(
            $"""
            Key       {key}
            This key is shown only once. Set these environment variables for the silos:

            {Prefix}Name={options.Name}
            {Prefix}Role={roleName}
            {Prefix}Hash={options.Hash}
            """);
        return ExitCodes.Success;
    }
}
