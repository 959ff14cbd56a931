using System.Text.Json;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Sqlite;

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
    public async Task A_device_key_is_made_with_the_name_of_its_sensor_listed_and_revoked()
    {
        using var folder = new TemporaryDirectory();
        var store = $"sqlite:{folder.File("windows.db")}";
        Assert.Equal(0, (await Command.RunAsync("migrate", "--store", store)).ExitCode);

        var made = await Command.RunAsync("key", "--device", "kitchen-1", "--store", store);

        Assert.True(made.ExitCode == 0, made.ToString());
        Assert.Matches("^Key       gsd_[A-Za-z0-9_-]{43}\n", made.Output);
        Assert.Contains("It may only send readings of the sensor kitchen-1.", made.Output, StringComparison.Ordinal);
        Assert.Contains("There is no access key", made.Error, StringComparison.Ordinal);
        (await Command.RunAsync("key", "--device", "kitchen-1", "--store", store)).AssertCouldNotRun("A key \"kitchen-1\" exists already");
        (await Command.RunAsync("key", "--name", "kitchen-1", "--store", store)).AssertCouldNotRun("A key \"kitchen-1\" exists already");
        var json = await Command.RunAsync("key", "--tag", "room=kitchen", "--name", "gateway", "--store", store, "--json");
        var gateway = JsonDocument.Parse(json.Output).RootElement;
        Assert.Equal(("tag", "room=kitchen"), (gateway.GetProperty("scope").GetString(), gateway.GetProperty("value").GetString()));
        Assert.Equal(AccessKey.HashText(gateway.GetProperty("key").GetString()!), gateway.GetProperty("hash").GetString());
        Assert.Equal(0, (await Command.RunAsync("key", "--source", "telegraf", "--expires", "2099-01-01T00:00:00Z", "--store", store)).ExitCode);

        var listed = await Command.RunAsync("key", "list", "--store", store);
        Assert.Matches(
            "^gateway  send for tag room=kitchen, store, created .*\nkitchen-1  send for device kitchen-1, store, created .*\n"
            + "telegraf  send for source telegraf, store, created .*, expires 2099-01-01T00:00:00",
            listed.Output);
        Assert.DoesNotContain("gsd_", listed.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Command.RunAsync("key", "revoke", "kitchen-1", "--store", store)).ExitCode);
        (await Command.RunAsync("key", "revoke", "kitchen-1", "--store", store)).AssertCouldNotRun("has no key \"kitchen-1\"");
        Assert.DoesNotContain("kitchen-1", (await Command.RunAsync("key", "list", "--store", store)).Output, StringComparison.Ordinal);

        await using var database = new SqliteWindowStore(folder.File("windows.db"));
        var entries = await database.Access.Audit.QueryAsync(new(), TestContext.Current.CancellationToken);
        Assert.Equal(
            [("key-revoke", "kitchen-1", null), ("key-add", "telegraf", "source telegraf"), ("key-add", "gateway", "tag room=kitchen"),
                ("key-add", "kitchen-1", "device kitchen-1")],
            entries.Select(entry => (entry.Action, entry.Target, entry.Detail)));
    }

    [Theory]
    [InlineData("has one scope; got --device and --tag", "--device", "7", "--tag", "a=b")]
    [InlineData("A device key has no role", "--device", "7", "--role", "read")]
    [InlineData("--name is missing: the tag a=b cannot name the key", "--tag", "a=b")]
    [InlineData("--tag is invalid. A tag must be KEY=VALUE", "--tag", "a")]
    [InlineData("--device must be a sensor id, or a name", "--device", "")]
    [InlineData("--source must be the name of a source", "--source", "a b")]
    [InlineData("--expires must be in the future", "--device", "7", "--expires", "2020-01-01")]
    public async Task A_wrong_device_key_is_refused_with_the_cure(string cure, params string[] arguments) =>
        (await Command.RunAsync(["key", .. arguments])).AssertCouldNotRun(cure);

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
