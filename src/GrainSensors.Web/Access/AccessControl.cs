using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using GrainSensors.Storage;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Access;

/// <summary>Applies the <see cref="AccessRules"/> to every endpoint of a web host.</summary>
internal static class AccessControl
{
    /// <summary>What a connection may send before a request reads it; ASP.NET Core's default is 1 MiB.</summary>
    private const int MaxUnreadBytes = 64 * 1024;

    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddAccessControl(this IServiceCollection services, AccessRules rules)
    {
        services.AddSingleton(rules);
        services.AddSingleton<ConnectionLimits>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<FailedLogIns>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<AuditTrail>(s, s.GetRequiredService<IStore>().Access.Audit));
        services.AddSingleton(s => new Sessions(
            s.GetRequiredService<IStore>().Access.Sessions, rules.Keys, s.GetRequiredService<TimeProvider>()));
        services.AddProblems();
        services.AddRazorComponents();
        services.AddAuthentication(AccessHandler.Scheme)
            .AddScheme<AuthenticationSchemeOptions, AccessHandler>(AccessHandler.Scheme, null)
            .AddProviderLogIn(rules.Limits.Oidc);
        services.AddAuthorization(AccessPolicies.Add);
        services.AddCascadingAuthenticationState();
        services.AddOtherSites(rules);
        services.AddRateLimiter(options => RequestRates.Add(options, rules));

        services.AddFormProtection(rules.Limits);
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = $"grainsensors_form{SessionCookie.SuffixOf(rules.Limits.PathBase)}";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.HttpOnly = true;
            options.SuppressXFrameOptionsHeader = true;
        });
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = rules.MaxRequestBytes;
            kestrel.Limits.MaxConcurrentConnections = rules.Limits.MaxConnections;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.MaxRequestBufferSize = MaxUnreadBytes;
        });
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in rules.Proxies)
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        });
        return services;
    }

    /// <summary>Must come before all endpoints; includes routing.</summary>
    public static IApplicationBuilder UseAccessControl(this IApplicationBuilder app)
    {
        var rules = app.ApplicationServices.GetRequiredService<AccessRules>();
        if (rules.Proxies.Count > 0)
        {
            // Without any known network the headers of every client would be believed.
            app.UseForwardedHeaders();
        }

        app.UseSecurityHeaders();
        app.Use((context, next) => IsMisdirected(context.Request, rules) ? RefuseHostAsync(context)
            : RequestOrigin.IsForgery(context.Request) && !OtherSites.Allows(context.Request, rules) ? RefuseForgeryAsync(context)
            : next(context));
        app.UseRouting();
        app.UseCors();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseAccessWatch();
        return app;
    }

    private static bool IsMisdirected(HttpRequest request, AccessRules rules) =>
        rules.IsForLoopbackNamesOnly && !RequestOrigin.IsForLoopbackName(request) && !request.Path.StartsWithSegments(HealthPages.Prefix);

    private static Task RefuseHostAsync(HttpContext context) => context.WriteProblemAsync(
        StatusCodes.Status421MisdirectedRequest,
        $"Without access keys this silo answers only requests for localhost or a loopback address; got \"{context.Request.Host}\". "
        + "Create a key with `grainsensors key` to serve other names.");

    private static Task RefuseForgeryAsync(HttpContext context) => context.WriteProblemAsync(
        StatusCodes.Status403Forbidden, "A page of another site sent this request; only pages of this silo may change data.");
}
