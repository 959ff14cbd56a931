using System.Net;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

[Trait("Category", "System")]
public sealed class KeyCommandTests
{
    [Fact]
    public async Task The_command_makes_a_key_and_what_a_silo_needs_to_know_it()
    {
        var made = await Command.RunAsync("key", "--name", "ann", "--role", "READ");

        Assert.True(made.ExitCode == 0, made.ToString());
        var lines = made.Output.Split('\n');
        var key = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        string Value(string name) =>
            lines.Single(line => line.StartsWith($"GrainSensors__Http__Keys__0__{name}=", StringComparison.Ordinal)).Split('=')[1];
        var options = new HttpOptions();
        options.Keys.Add(new() { Name = Value("Name"), Hash = Value("Hash"), Role = Value("Role") });
        var found = AccessRules.From(options, IPAddress.Any).Find(key);
        Assert.Equal(("ann", AccessRole.Read), (found?.Name, found?.Role));
        (await Command.RunAsync("key", "--role", "root")).AssertCouldNotRun("--role must be read or admin; got \"root\"");
    }

    [Fact]
    public async Task A_silo_that_others_would_reach_without_a_key_does_not_start() =>
        (await Executable.RunAsync(
            "silo", "--kafka", "127.0.0.1:1", "--postgres", "Host=127.0.0.1;Database=x", "--http-address", "0.0.0.0"))
            .AssertCouldNotRun("Http:Address 0.0.0.0");
}
