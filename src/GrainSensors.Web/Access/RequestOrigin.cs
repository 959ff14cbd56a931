using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Access;

/// <summary>Detects requests that a page of another site made a browser send.</summary>
internal static class RequestOrigin
{
    /// <summary>The connection of a console page, over which the page can change data.</summary>
    public static bool IsPageConnection(HttpRequest request) => request.Path.StartsWithSegments("/_blazor");

    public static bool IsByMethodARead(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);

    /// <summary>Pages of other sites may link to the console, but may neither change data nor open a connection for a user.</summary>
    public static bool IsForgery(HttpRequest request) =>
        (!IsByMethodARead(request) || IsPageConnection(request) || request.Headers.Upgrade.Count > 0) && IsOtherSite(request);

    /// <returns>True: a browser names another site as the origin. Other clients name none.</returns>
    private static bool IsOtherSite(HttpRequest request)
    {
        // All current browsers send Sec-Fetch-Site; older ones send Origin.
        if (request.Headers["Sec-Fetch-Site"] is [{ } site])
        {
            return site is not ("same-origin" or "none");
        }

        var origin = request.Headers[HeaderNames.Origin].ToString();
        return origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value);
    }

    /// <summary>
    /// Whether the request names this machine by a loopback name. A page whose own name resolves to loopback (DNS rebinding) does not.
    /// </summary>
    public static bool IsForLoopbackName(HttpRequest request)
    {
        var host = request.Host.Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
