using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>Takes what is sent by OTLP over HTTP.</summary>
internal sealed class TraceCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body, string Headers)> _taken;

    private TraceCollector(WebApplication app, ConcurrentQueue<(string Path, byte[] Body, string Headers)> taken) =>
        (_app, _taken) = (app, taken);

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<TraceCollector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var taken = new ConcurrentQueue<(string Path, byte[] Body, string Headers)>();
        app.MapPost("/v1/{signal}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var headers = context.Request.Headers.Select(header => $"{header.Key}: {header.Value}");
            taken.Enqueue((context.Request.Path.Value!, body.ToArray(), string.Join('\n', headers)));
        });
        await app.StartAsync();
        return new(app, taken);
    }

    /// <returns>What was sent to a path that holds these bytes.</returns>
    public IEnumerable<(byte[] Body, string Headers)> With(string path, byte[] bytes) =>
        _taken
            .Where(request => request.Path == path && request.Body.AsSpan().IndexOf(bytes) >= 0)
            .Select(request => (request.Body, request.Headers));

    public override string ToString() => string.Join('\n', _taken.Select(request => $"{request.Path}: {request.Body.Length} bytes"));

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
