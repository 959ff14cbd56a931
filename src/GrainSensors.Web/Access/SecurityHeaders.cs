using Microsoft.AspNetCore.Builder;

namespace GrainSensors.Web.Access;

/// <summary>What tells a browser to load nothing from elsewhere, to be nobody's frame, and to tell nobody where it was.</summary>
internal static class SecurityHeaders
{
    /// <summary>
    /// Blazor's script and its connection come from here. Styles may stand in elements, as charts and grids set widths
    /// and colours there; scripts may not.
    /// </summary>
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";

        // Nothing at all would be told to ourselves neither: the log-in page's form would come from the origin "null".
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    });
}
