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
        Assert.Equal(("ann", AccessRole.Read), rules.Keys.Find(key) is { } found ? (found.Name, found.Role) : default);
        (await Command.RunAsync("key", "--role", "root")).AssertCouldNotRun("--role must be read or admin; got \"root\".");
    }

    [Fact]
    public async Task A_silo_that_other_machines_reach_without_a_key_does_not_start() =>
        (await Executable.RunAsync(
            "silo", "--kafka", "127.0.0.1:1", "--postgres", "Host=127.0.0.1;Database=x", "--http-address", "0.0.0.0"))
            .AssertCouldNotRun("Http:Address 0.0.0.0");

    [Fact]
    public async Task A_key_in_the_store_is_listed_without_its_hash_until_it_is_revoked()
    {
        using var folder = new TemporaryDirectory();
        var store = $"sqlite:{folder.File("windows.db")}";
        Assert.Equal(0, (await Command.RunAsync("migrate", "--store", store)).ExitCode);

        var made = await Command.RunAsync(
            "key", "--name", "ann", "--role", "read", "--expires", "2099-01-01T00:00:00Z", "--store", store);

        Assert.True(made.ExitCode == 0, made.ToString());
        Assert.StartsWith("Key       gsk_", made.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Hash=", made.Output, StringComparison.Ordinal);
        (await Command.RunAsync("key", "--name", "ann", "--store", store)).AssertCouldNotRun("A key \"ann\" exists already");
        var listed = await Command.RunAsync("key", "list", "--store", store);
        Assert.Matches("^ann  read, store, created .* by .*, expires 2099-01-01T00:00:00", listed.Output);
        Assert.DoesNotContain(made.Output.Split('\n')[0].Split(' ')[^1].Trim(), listed.Output, StringComparison.Ordinal);

        var revoked = await Command.RunAsync("key", "revoke", "ann", "--store", store);

        Assert.True(revoked.ExitCode == 0, revoked.ToString());
        Assert.Equal("", (await Command.RunAsync("key", "list", "--store", store)).Output.Trim());
        (await Command.RunAsync("key", "revoke", "ann", "--store", store)).AssertCouldNotRun("has no key \"ann\"");
        (await Command.RunAsync("key", "--expires", "2020-01-01", "--store", store)).AssertCouldNotRun("--expires must be in the future");
    }

    [Fact]
    public async Task A_session_that_does_not_exist_is_named()
    {
        using var folder = new TemporaryDirectory();
        var store = $"sqlite:{folder.File("windows.db")}";
        Assert.Equal(0, (await Command.RunAsync("migrate", "--store", store)).ExitCode);

        Assert.Equal("", (await Command.RunAsync("session", "list", "--store", store)).Output.Trim());
        (await Command.RunAsync("session", "end", "x", "--store", store)).AssertCouldNotRun("The session \"x\" is unknown");
    }
}
