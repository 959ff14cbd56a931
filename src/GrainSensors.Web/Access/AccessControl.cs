using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Access;

/// <summary>Puts everything that a web host serves behind the <see cref="AccessRules"/>.</summary>
internal static class AccessControl
{
    public static IServiceCollection AddAccessControl(this IServiceCollection services, AccessRules rules)
    {
        services.AddSingleton(rules);
        services.AddAuthentication(AccessHandler.Scheme).AddScheme<AuthenticationSchemeOptions, AccessHandler>(AccessHandler.Scheme, null);
        services.AddAuthorization(AccessPolicies.Add);
        services.AddCascadingAuthenticationState();
        services.AddRateLimiter(options => RequestRates.Add(options, rules));

        // What it protects is the token of a form for as long as that is on a screen: not worth a file, or a secret to share.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "grainsensors_form";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.HttpOnly = true;
            options.SuppressXFrameOptionsHeader = true;
        });
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = rules.MaxRequestBytes;
        });
        return services;
    }

    /// <summary>Before every end point; includes routing.</summary>
    public static IApplicationBuilder UseAccessControl(this IApplicationBuilder app)
    {
        var rules = app.ApplicationServices.GetRequiredService<AccessRules>();
        app.UseSecurityHeaders();
        app.Use((context, next) =>
            rules.IsForLoopbackNamesOnly && !RequestOrigin.IsForLoopbackName(context.Request) && !context.Request.Path.StartsWithSegments(HealthPages.Prefix)
                ? ProblemWriter.WriteAsync(
                    context,
                    StatusCodes.Status421MisdirectedRequest,
                    "Without keys this silo answers to localhost and 127.0.0.1 only; a proxy before it needs keys, see `grainsensors key`.")
            : RequestOrigin.IsForgery(context.Request)
                ? ProblemWriter.WriteAsync(context, StatusCodes.Status403Forbidden, "Another site's page sent this request.")
            : next(context));
        app.UseRouting();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        return app;
    }
}
