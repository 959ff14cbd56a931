using System.Net;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Access keys, and the addresses on which a silo refuses to listen.</summary>
public sealed class AccessRulesTests
{
    [Theory]
    [InlineData("0.0.0.0", false, false, false)]
    [InlineData("192.0.2.7", false, false, false)]
    [InlineData("0.0.0.0", true, false, true)]
    [InlineData("0.0.0.0", false, true, true)]
    [InlineData("127.0.0.1", false, false, true)]
    [InlineData("::1", false, false, true)]
    public void Without_a_key_it_listens_on_loopback_only(string address, bool insecure, bool withKey, bool listens)
    {
        var rules = new AccessRules(new()
        {
            Address = IPAddress.Parse(address),
            Insecure = insecure,
            Keys = withKey ? [GuardedHost.Admin.Options] : [],
        });

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
    public void A_wrong_key_is_named_and_not_shown(string name, string? hash, string role, string key)
    {
        var refusal = Assert.Throws<UsageException>(() => PipelineConfiguration.From(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                [$"{HttpOptions.Section}:Keys:0:Name"] = name,
                [$"{HttpOptions.Section}:Keys:0:Hash"] = hash ?? GuardedHost.Admin.Options.Hash,
                [$"{HttpOptions.Section}:Keys:0:Role"] = role,
            })
            .Build()));

        Assert.Contains(key, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("gsk_", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_keys_of_one_name_are_refused()
    {
        var options = new HttpOptions
        {
            Keys = [GuardedHost.Make("ann", AccessRole.Read).Options, GuardedHost.Make("ann", AccessRole.Admin).Options],
        };

        var result = new HttpOptionsValidator().Validate(null, options);

        Assert.Equal("GrainSensors:Http:Keys must have different names; got \"ann\" twice.", result.FailureMessage);
    }

    [Fact]
    public void Keys_are_long_and_never_the_same()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => AccessKey.Generate()).ToList();

        Assert.Distinct(keys);
        Assert.All(keys, key => Assert.Matches("^gsk_[A-Za-z0-9_-]{43}$", key));
    }
}
