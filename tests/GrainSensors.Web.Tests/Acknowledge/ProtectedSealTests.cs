using GrainSensors.Web.Acknowledge;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Tests.Acknowledge;

/// <summary>Links behind a balancer, which sends each request to any silo.</summary>
[Trait("Category", "System")]
public sealed class ProtectedSealTests
{
    private static readonly byte[] Content = [1, 2, 3];

    [Fact]
    public async Task A_link_of_one_silo_is_opened_by_another_and_also_after_the_keys_have_changed()
    {
        await using var store = await GuardedStore.CreateAsync();
        await using var one = await GuardedHost.StartAsync(store: store);
        await using var two = await GuardedHost.StartAsync(store: store);
        var token = SealOf(one).Seal(Content);
        Assert.Equal(Content, SealOf(two).Open(token));

        var next = one.Services.GetRequiredService<IKeyManager>();
        next.CreateNewKey(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddDays(90));
        await using var later = await GuardedHost.StartAsync(store: store);
        Assert.Equal(Content, SealOf(later).Open(token));
        Assert.Equal(Content, SealOf(one).Open(SealOf(later).Seal(Content)));
    }

    [Fact]
    public async Task A_link_of_another_cluster_and_a_token_of_a_form_are_not_opened()
    {
        await using var one = await GuardedHost.StartAsync();
        await using var other = await GuardedHost.StartAsync();
        Assert.Null(SealOf(other).Open(SealOf(one).Seal(Content)));
        var form = Provider(one).CreateProtector("a form").Protect(Content);
        Assert.Null(SealOf(one).Open(Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlEncode(form)));
    }

    private static ProtectedSeal SealOf(GuardedHost host) => new(Provider(host));

    private static IDataProtectionProvider Provider(GuardedHost host) => host.Services.GetRequiredService<IDataProtectionProvider>();
}
