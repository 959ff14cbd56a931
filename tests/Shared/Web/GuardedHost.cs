using System.Net;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Windows;
using GrainSensors.Web;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Tests.Shared;

/// <summary>A web host behind the access rules, with an endpoint of each kind.</summary>
internal sealed class GuardedHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GuardedStore? _ownStore;

    private GuardedHost(WebApplication app, GuardedStore? ownStore) =>
        (_app, _ownStore, Address) = (app, ownStore, new(AddressesOf(app).Single()));

    public static (string Key, KeyOptions Options) Reader { get; } = Make("ann", AccessRole.Read);

    public static (string Key, KeyOptions Options) Admin { get; } = Make("bob", AccessRole.Admin);

    public Uri Address { get; }

    public static (string Key, KeyOptions Options) Make(string name, AccessRole role)
    {
        var key = AccessKey.Generate();
        return (key, new() { Name = name, Role = role, Hash = AccessKey.HashText(key) });
    }

    /// <summary>Starts a host with both keys.</summary>
    public static Task<GuardedHost> StartAsync(Func<HttpOptions, HttpOptions>? configure = null, GuardedStore? store = null)
    {
        var options = new HttpOptions { Keys = [Reader.Options, Admin.Options] };
        return StartAsync(configure?.Invoke(options) ?? options, store);
    }

    /// <param name="store">Shared by several hosts; null: a store of its own.</param>
    /// <param name="source">The configuration with the keys, which the host reads again; null: the keys stay.</param>
    public static async Task<GuardedHost> StartAsync(HttpOptions options, GuardedStore? store = null, IConfigurationRoot? source = null)
    {
        var ownStore = store is null ? await GuardedStore.CreateAsync() : null;
        store ??= ownStore!;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, ConnectionLimits.Use));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<TimeProvider>(store.Clock);
        builder.Services.AddSingleton(store.Store);
        builder.Services.AddAccessControl(new AccessRules(options));
        if (source is not null)
        {
            builder.Services.AddAccessRefresh(options, source);
        }

        builder.Services.AddApi();

        // ASP.NET Core starts an activity for each request only while a log is enabled.
        builder.Logging.SetMinimumLevel(LogLevel.Critical).AddConsole();
        var app = builder.Build();
        app.UseProxyPrefix(options.PathBase);
        app.UseApiProblems();
        app.UseAccessControl();
        app.MapLogIn();
        app.MapGet("/health/live", () => "well").AllowAnonymous();
        app.MapGet("/page", (HttpContext context) => $"hello {context.User.Identity!.Name}");
        app.MapPost("/page", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            return (await reader.ReadToEndAsync()).Length;
        });
        app.MapPost("/_blazor/negotiate", () => "connected");

        // As the connection of a page, it stays open until its client leaves.
        app.MapGet("/_blazor", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("open");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        app.MapGet("/api/v1/unexpected", string () => throw new InvalidOperationException("a secret"));
        app.MapGet("/unexpected", string () => throw new InvalidOperationException("a secret"));
        var api = app.MapGroup(ApiPaths.Prefix).AllowOtherSites(app.Services.GetRequiredService<AccessRules>());
        api.MapPost("/body", (AcknowledgeBody body) => body.By);
        api.MapSessions();
        api.MapAudit();
        app.MapGet("/scheme", (HttpContext context) => context.Request.Scheme).AllowAnonymous();

        // Begins its answer, and lasts until its client leaves.
        app.MapGet("/wait", async (HttpContext context) =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }).AllowAnonymous();
        app.MapGet("/api/v1/unavailable", string () => throw new WindowStoreUnavailableException("the store is away."));
        app.MapPost("/send", (HttpContext context) => $"{Sender.Of(context.User).Scope}").RequireAuthorization(AccessPolicies.Send);
        app.MapGet("/admin", () => "secret").RequireAuthorization(AccessPolicies.Admin);
        await app.StartAsync();
        return new(app, ownStore);
    }

    /// <summary>The services of the host.</summary>
    public IServiceProvider Services => _app.Services;

    /// <param name="key">Sent as a bearer token; null: no key is sent.</param>
    /// <param name="headers">Further headers.</param>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? key = null, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var client = new HttpClient(handler, disposeHandler: false) { BaseAddress = Address };
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static ICollection<string> AddressesOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (_ownStore is not null)
        {
            await _ownStore.DisposeAsync();
        }
    }
}
