using System.Net;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Integration.Tests.Fixtures;

namespace GrainSensors.Integration.Tests.Access;

/// <summary>What a silo makes of its keys, and when it does not listen.</summary>
[Trait("Category", "System")]
public sealed class AccessRulesTests
{
    [Theory]
    [InlineData("0.0.0.0", false, false, false)]
    [InlineData("192.0.2.7", false, false, false)]
    [InlineData("0.0.0.0", true, false, true)]
    [InlineData("0.0.0.0", false, true, true)]
    [InlineData("127.0.0.1", false, false, true)]
    [InlineData("::1", false, false, true)]
    public void It_listens_openly_on_loopback_only_unless_told_otherwise(string address, bool insecure, bool withKey, bool listens)
    {
        var options = new HttpOptions { Address = address, Insecure = insecure };
        if (withKey)
        {
            options.Keys.Add(GuardedHost.Admin.Options);
        }

        var rules = AccessRules.From(options, IPAddress.Parse(address));

        if (listens)
        {
            rules.RequireSafeAddress();
        }
        else
        {
            var refusal = Assert.Throws<UsageException>(rules.RequireSafeAddress);
            Assert.Contains(address, refusal.Message, StringComparison.Ordinal);
            Assert.Contains("grainsensors key", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("--insecure", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", "sha256:", "read", "Keys:0:Name")]
    [InlineData("a b", null, "read", "Keys:0:Name")]
    [InlineData("ann", "gsk_the-key-itself", "read", "Keys:0:Hash")]
    [InlineData("ann", null, "root", "Keys:0:Role")]
    [InlineData("ann", null, "1", "Keys:0:Role")]
    public void A_key_that_is_written_wrongly_is_named_and_not_shown(string name, string? hash, string role, string key)
    {
        var options = new HttpOptions();
        options.Keys.Add(new() { Name = name, Hash = hash ?? GuardedHost.Admin.Options.Hash, Role = role });

        var refusal = Assert.Throws<ArgumentException>(() => AccessRules.From(options, IPAddress.Loopback));

        Assert.Contains(key, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("gsk_", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_keys_of_one_name_are_refused()
    {
        var options = new HttpOptions();
        options.Keys.AddRange([GuardedHost.Make("ann", "read").Options, GuardedHost.Make("ann", "admin").Options]);

        Assert.Contains("\"ann\" twice", Assert.Throws<ArgumentException>(() => AccessRules.From(options, IPAddress.Loopback)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_long_and_never_the_same()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => AccessKey.Generate()).ToList();

        Assert.Distinct(keys);
        Assert.All(keys, key => Assert.Matches("^gsk_[A-Za-z0-9_-]{43}$", key));
    }

    [Fact]
    public async Task The_command_makes_a_key_and_what_a_silo_needs_to_know_it()
    {
        var made = await Command.RunAsync("key", "--name", "ann", "--role", "READ");

        Assert.True(made.ExitCode == 0, made.ToString());
        var lines = made.Output.Split('\n');
        var key = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        string Value(string name) => lines.Single(line => line.StartsWith($"GrainSensors__Http__Keys__0__{name}=", StringComparison.Ordinal)).Split('=')[1];
        var options = new HttpOptions();
        options.Keys.Add(new() { Name = Value("Name"), Hash = Value("Hash"), Role = Value("Role") });
        Assert.Equal(("ann", AccessRole.Read), AccessRules.From(options, IPAddress.Any).Find(key) is { } found ? (found.Name, found.Role) : default);
        (await Command.RunAsync("key", "--role", "root")).AssertCouldNotRun("--role is \"root\"");
    }

    [Fact]
    public async Task A_silo_that_others_would_reach_without_a_key_does_not_start() =>
        (await Executable.RunAsync("silo", "--kafka", "127.0.0.1:1", "--postgres", "Host=127.0.0.1;Database=x", "--http-address", "0.0.0.0"))
            .AssertCouldNotRun("Http:Address 0.0.0.0");
}
