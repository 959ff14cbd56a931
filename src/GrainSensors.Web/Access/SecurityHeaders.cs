using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Access;

/// <summary>Headers by which a browser loads nothing from other sites, allows no framing and sends them no referrer.</summary>
internal static class SecurityHeaders
{
    /// <summary>
    /// Blazor's script and connection are of the same origin. Inline styles are allowed, as charts and grids set widths and colours in
    /// elements; inline scripts are not.
    /// </summary>
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <remarks>The headers are set when the answer starts, since the answer to an exception drops earlier headers.</remarks>
    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(Set, context.Response);
        return next(context);
    });

    private static Task Set(object response)
    {
        var headers = ((HttpResponse)response).Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";

        // With no-referrer the form of the log-in page would send `Origin: null`.
        headers.TryAdd("Referrer-Policy", "same-origin");
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return Task.CompletedTask;
    }
}
