using GrainSensors.Hosting.Configuration;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

[Trait("Category", "System")]
public sealed class KeyCommandTests
{
    [Fact]
    public async Task The_command_makes_a_key_and_its_configuration()
    {
        var made = await Command.RunAsync("key", "--name", "ann", "--role", "READ");

        Assert.True(made.ExitCode == 0, made.ToString());
        var lines = made.Output.Split('\n');
        var key = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        string Value(string name)
        {
            var variable = $"GrainSensors__Http__Keys__0__{name}=";
            return lines.Single(line => line.StartsWith(variable, StringComparison.Ordinal))[variable.Length..];
        }

        Assert.Equal("read", Value("Role"));
        var rules = new AccessRules(new() { Keys = [new() { Name = Value("Name"), Hash = Value("Hash") }] });
        Assert.Equal(("ann", AccessRole.Read), rules.Find(key) is { } found ? (found.Name, found.Role) : default);
        (await Command.RunAsync("key", "--role", "root")).AssertCouldNotRun("--role must be read or admin; got \"root\".");
    }

    [Fact]
    public async Task A_silo_that_other_machines_reach_without_a_key_does_not_start() =>
        (await Executable.RunAsync(
            "silo", "--kafka", "127.0.0.1:1", "--postgres", "Host=127.0.0.1;Database=x", "--http-address", "0.0.0.0"))
            .AssertCouldNotRun("Http:Address 0.0.0.0");
}
