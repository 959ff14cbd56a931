using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Access;

/// <summary>Whether a request is what its sender meant, or what a page of somebody else's made a browser send.</summary>
internal static class RequestOrigin
{
    /// <summary>A page's connection to its silo, by which everything can be done that the page can do.</summary>
    public static bool IsPageConnection(HttpRequest request) => request.Path.StartsWithSegments("/_blazor");

    public static bool IsByMethodARead(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);

    /// <summary>Another site's page may link to ours; it may not change anything, nor talk to us in its user's name.</summary>
    public static bool IsForgery(HttpRequest request) =>
        (!IsByMethodARead(request) || IsPageConnection(request) || request.Headers.Upgrade.Count > 0) && IsOtherSite(request);

    /// <returns>True when a browser says that another site's page sends this. What is no browser says nothing.</returns>
    private static bool IsOtherSite(HttpRequest request)
    {
        // Every browser of today says it; what came before says Origin at least.
        if (request.Headers["Sec-Fetch-Site"] is [{ } site])
        {
            return site is not ("same-origin" or "none");
        }

        var origin = request.Headers[HeaderNames.Origin].ToString();
        return origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value);
    }

    public static bool IsForLoopbackName(HttpRequest request)
    {
        var host = request.Host.Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
