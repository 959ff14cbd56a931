using System.Net;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Web.Tests.Access;

/// <summary>The keys of a silo, and the addresses on which it listens without keys.</summary>
public sealed class AccessRulesTests
{
    [Theory]
    [InlineData("0.0.0.0", false, false, false)]
    [InlineData("192.0.2.7", false, false, false)]
    [InlineData("0.0.0.0", true, false, true)]
    [InlineData("0.0.0.0", false, true, true)]
    [InlineData("127.0.0.1", false, false, true)]
    [InlineData("::1", false, false, true)]
    public void Without_keys_it_listens_on_loopback_only_unless_insecure(string address, bool insecure, bool withKey, bool listens)
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
    public void An_invalid_key_is_named_and_not_shown(string name, string? hash, string role, string key)
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

        var refusal = Assert.Throws<ArgumentException>(() => AccessRules.From(options, IPAddress.Loopback));
        Assert.Contains("\"ann\" twice", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_long_and_never_the_same()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => AccessKey.Generate()).ToList();

        Assert.Distinct(keys);
        Assert.All(keys, key => Assert.Matches("^gsk_[A-Za-z0-9_-]{43}$", key));
    }
}
