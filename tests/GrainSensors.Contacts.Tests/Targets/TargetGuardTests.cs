using System.Net;
using GrainSensors.Contacts.Targets;

namespace GrainSensors.Contacts.Tests.Targets;

public sealed class TargetGuardTests
{
    [Theory]
    [InlineData("169.254.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("fe80::1%3")]
    [InlineData("febf::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    public void Link_local_and_metadata_addresses_are_refused(string address) =>
        Assert.True(TargetGuard.IsRefused(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("169.253.255.255")]
    [InlineData("::1")]
    [InlineData("fc00::1")]
    [InlineData("2001:db8::1")]
    public void Other_addresses_are_allowed(string address) => Assert.False(TargetGuard.IsRefused(IPAddress.Parse(address)));

    /// <summary>The address that is connected to counts, however the host is written.</summary>
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("0xa9fea9fe")]
    [InlineData("2852039166")]
    public async Task A_host_with_a_refused_address_is_not_connected_to(string host) =>
        await Assert.ThrowsAsync<RefusedTargetException>(
            () => TargetGuard.ConnectAsync(host, 80, TestContext.Current.CancellationToken));
}
