using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Hosting.Tests.Ports;

[Trait("Category", "System")]
public sealed class PagePortTests
{
    private static readonly ClusterSettings Settings = PipelineSettings.Load(new Dictionary<string, string?> { ["Http:Port"] = "0" }).Cluster;

    [Fact]
    public async Task Of_processes_that_prefer_a_port_at_once_one_has_it_and_the_others_find_another()
    {
        using var free = PagePort.Take(Settings);
        var preferred = Settings with { HttpPort = free.Number, IsHttpPortGiven = false };
        free.Dispose();

        var ports = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => PagePort.TakePreferred(preferred))));
        try
        {
            Assert.Distinct(ports.Select(port => port.Number));
            Assert.Contains(ports, port => port.Number == preferred.HttpPort);
        }
        finally
        {
            Array.ForEach(ports, port => port.Dispose());
        }
    }

    [Fact]
    public void A_port_that_was_asked_for_and_is_in_use_is_named_with_the_cure()
    {
        using var first = PagePort.Take(Settings);

        var failure = Assert.Throws<UsageException>(() => PagePort.TakePreferred(Settings with { HttpPort = first.Number, IsHttpPortGiven = true }));

        Assert.StartsWith($"Port {first.Number} of 127.0.0.1 is in use by another process", failure.Message, StringComparison.Ordinal);
        Assert.Contains("GrainSensors:Http:Port", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_connects_before_the_pages_are_served_waits_for_the_answer()
    {
        using var port = PagePort.Take(Settings);
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port.Number}/") };
        var answer = client.GetStringAsync("/", TestContext.Current.CancellationToken);

        await using var app = Serve(port);
        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("page", await answer);
        await app.StopAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Any_address_is_that_of_both_protocols()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using var port = PagePort.Take(Settings with { HttpAddress = IPAddress.IPv6Any });
        await using var app = Serve(port);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient();

        Assert.Equal("page", await client.GetStringAsync($"http://127.0.0.1:{port.Number}/", TestContext.Current.CancellationToken));
        Assert.Equal("page", await client.GetStringAsync($"http://[::1]:{port.Number}/", TestContext.Current.CancellationToken));
    }

    private static WebApplication Serve(PagePort port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        port.HandOver(builder.WebHost.UseKestrelCore());
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("page"));
        return app;
    }
}
