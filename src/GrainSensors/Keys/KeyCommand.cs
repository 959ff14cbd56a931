using System.CommandLine;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Keys;

/// <summary><c>key</c>: makes a key for the pages and the API of a silo. It is nowhere afterwards but where it was printed.</summary>
internal static class KeyCommand
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { HelpName = "NAME", Description = "Whose key it is", DefaultValueFactory = _ => "admin" };
        var role = new Option<string>("--role") { HelpName = "read|admin", Description = "What it is good for: to look, or to change things too", DefaultValueFactory = _ => "admin" };
        var json = CommonOptions.Json();
        var command = new Command(
            "key",
            """
            Make a key that opens the pages and the API of silos, and the hash of it that their configuration needs.

            The key itself is shown once and kept nowhere: give it to whoever is to have it, who sends it as
            `Authorization: Bearer KEY` or enters it on the log-in page. The configuration holds the hash only. Several
            keys are numbered, Keys:0, Keys:1, …; a key that is taken out of it opens nothing any more.
            """)
        {
            name, role, json,
        };
        command.SetAction(result => Run(result.GetValue(name)!, result.GetValue(role)!, result.GetValue(json)));
        return command;
    }

    private static int Run(string name, string role, bool json)
    {
        var key = AccessKey.Generate();
        var options = new KeyOptions { Name = name, Role = role.ToLowerInvariant(), Hash = AccessKey.HashText(key) };
        try
        {
            AccessKey.From(options, "--");
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message.Replace("--:Name", "--name", StringComparison.Ordinal).Replace("--:Role", "--role", StringComparison.Ordinal), e);
        }

        if (json)
        {
            Console.WriteLine(JsonOutput.Of(new { key, options.Name, options.Role, options.Hash }));
            return ExitCodes.Success;
        }

        const string Prefix = $"{PipelineOptions.Section}__Http__Keys__0__";
        Console.WriteLine(
            $"""
            Key       {key}
            It is shown this once. For the configuration of the silos, as environment variables:

            {Prefix}Name={options.Name}
            {Prefix}Role={options.Role}
            {Prefix}Hash={options.Hash}
            """);
        return ExitCodes.Success;
    }
}
