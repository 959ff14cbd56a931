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
    private static readonly HttpOptions AnyPort = new() { Port = 0 };

    [Fact]
    public async Task Of_processes_that_prefer_one_port_at_once_one_gets_it_and_the_others_get_free_ports()
    {
        using var free = PortReservation.TakeHttp(AnyPort);
        var preferred = free[0];
        free.Dispose();

        var ports = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(_ => Task.Run(() => PortReservation.TakeHttpOrFree(new(), defaultPort: preferred))));
        try
        {
            Assert.Distinct(ports.Select(port => port[0]));
            Assert.Contains(ports, port => port[0] == preferred);
        }
        finally
        {
            Array.ForEach(ports, port => port.Dispose());
        }
    }

    [Fact]
    public void A_configured_port_in_use_is_named_with_the_cure()
    {
        using var first = PortReservation.TakeHttp(AnyPort);

        var failure = Assert.Throws<UsageException>(() => PortReservation.TakeHttpOrFree(AnyPort with { Port = first[0] }));

        Assert.StartsWith($"Port {first[0]} of 127.0.0.1 is in use by another process", failure.Message, StringComparison.Ordinal);
        Assert.Contains("GrainSensors:Http:Port", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_connects_before_the_server_starts_waits_for_the_answer()
    {
        using var port = PortReservation.TakeHttp(AnyPort);
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port[0]}/") };
        var answer = client.GetStringAsync("/", TestContext.Current.CancellationToken);

        await using var app = Serve(port);
        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal("page", await answer);
        await app.StopAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_any_address_serves_both_protocols()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using var port = PortReservation.TakeHttp(AnyPort with { Address = IPAddress.IPv6Any });
        await using var app = Serve(port);
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient();

        Assert.Equal("page", await client.GetStringAsync($"http://127.0.0.1:{port[0]}/", TestContext.Current.CancellationToken));
        Assert.Equal("page", await client.GetStringAsync($"http://[::1]:{port[0]}/", TestContext.Current.CancellationToken));
    }

    private static WebApplication Serve(PortReservation port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        port.HandOver(builder.WebHost.UseKestrelCore(), _ => { });
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("page"));
        return app;
    }
}
