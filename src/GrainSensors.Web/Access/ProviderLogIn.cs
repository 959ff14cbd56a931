using System.Security.Claims;
using System.Text.Encodings.Web;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace GrainSensors.Web.Access;

/// <summary>Log-in at an identity provider by OpenID Connect: code flow with PKCE. It starts the same session as a key.</summary>
internal static partial class ProviderLogIn
{
    private const string Scheme = "oidc";

    /// <summary>Names of keys have no colon, so a user of the provider never has the name of a key.</summary>
    private const string NamePrefix = "oidc:";

    private const int MaxName = 100;

    public static AuthenticationBuilder AddProviderLogIn(this AuthenticationBuilder authentication, OidcOptions options) =>
        options.Authority is null ? authentication : authentication.AddOpenIdConnect(Scheme, oidc => Configure(oidc, options));

    public static void MapProviderLogIn(this IEndpointRouteBuilder routes, OidcOptions options)
    {
        if (options.Authority is not null)
        {
            routes.MapGet(LogInForm.ProviderPath, (HttpContext context) => TypedResults.Challenge(
                new() { RedirectUri = LocalPath.Of(context.Request.Query[LogInForm.ReturnField].ToString(), context.Request.PathBase) },
                [Scheme]))
                .AllowAnonymous().ExcludeFromDescription();
        }
    }

    private static void Configure(OpenIdConnectOptions oidc, OidcOptions options)
    {
        oidc.Authority = options.Authority!.ToString();
        oidc.RequireHttpsMetadata = !options.Authority.IsLoopback;
        oidc.ClientId = options.ClientId;
        oidc.ClientSecret = options.ClientSecret;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.MapInboundClaims = false;
        oidc.Scope.Clear();
        foreach (var scope in options.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            oidc.Scope.Add(scope);
        }

        // The answer of the provider is a link that the browser follows, so the cookies need not be sent with foreign forms.
        foreach (var cookie in new[] { oidc.CorrelationCookie, oidc.NonceCookie })
        {
            (cookie.SameSite, cookie.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
        }

        oidc.Events.OnTicketReceived = context => ReceiveAsync(context, options);
        oidc.Events.OnRemoteFailure = FailAsync;
    }

    private static async Task ReceiveAsync(TicketReceivedContext context, OidcOptions options)
    {
        context.HandleResponse();
        var user = context.Principal ?? new ClaimsPrincipal();
        var name = user.FindFirst(options.NameClaim)?.Value ?? "";
        if (name.Length is 0 or > MaxName || name.Any(char.IsControl))
        {
            await RefuseAsync(context.HttpContext, $"The ID token has no valid name in the claim {options.NameClaim}.");
            return;
        }

        if (options.RoleOf([.. user.FindAll(options.RoleClaim).Select(claim => claim.Value)]) is not { } role)
        {
            await RefuseAsync(context.HttpContext, $"The user \"{name}\" has no role for GrainSensors; ask your administrator for one.");
            return;
        }

        var address = AccessActor.AddressOf(context.HttpContext);
        await BrowserSession.StartAsync(
            context.HttpContext, new(Guid.CreateVersion7(), $"{NamePrefix}{name}", role == AccessRole.Admin, KeyHash: null, address));
        await ForwardAsync(context.HttpContext, LocalPath.Of(context.ReturnUri ?? "", context.Request.PathBase));
    }

    /// <summary>
    /// Opens a page by a document instead of a redirect. The browser came from the site of the provider, and would not send the cookie of
    /// the session, which is SameSite=Strict, with a redirect.
    /// </summary>
    private static Task ForwardAsync(HttpContext context, string path)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        var target = HtmlEncoder.Default.Encode(path);
        return context.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={target}"><title>GrainSensors</title></head>
            <body><a href="{target}">Continue</a></body></html>
            """);
    }

    private static async Task FailAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        var logger = context.HttpContext.RequestServices.GetRequiredService<ILogger<OpenIdConnectHandler>>();
        LogFailed(logger, (context.Failure?.Message ?? "").ReplaceLineEndings(" "));
        var page = context.Request.PathBase.Add(LogInForm.Path);
        await RefuseAsync(context.HttpContext, $"The log-in at the identity provider failed; open {page} to try again.");
    }

    private static async Task RefuseAsync(HttpContext context, string detail)
    {
        await context.RequestServices.GetRequiredService<FailedLogIns>().RecordAsync(context);
        await context.WriteProblemAsync(StatusCodes.Status403Forbidden, detail);
    }

    [LoggerMessage(4321, LogLevel.Warning, "A log-in at the identity provider failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
