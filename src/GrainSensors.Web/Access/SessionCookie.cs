using GrainSensors.Hosting.Access;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Access;

/// <summary>The cookie that carries the token of a session.</summary>
internal static class SessionCookie
{
    private const string BaseName = "grainsensors_session";

    /// <summary>The cookie of earlier versions, which held the access key itself.</summary>
    private const string KeyCookie = "grainsensors_key";

    /// <summary>The name, which differs between installations that one proxy serves below different prefixes.</summary>
    public static string NameIn(HttpContext context) => BaseName + SuffixOf(context.Request.PathBase);

    /// <param name="pathBase">The prefix of all paths at the proxy.</param>
    /// <returns>The end of the names of cookies.</returns>
    public static string SuffixOf(PathString pathBase) => (pathBase.Value ?? "").Replace('/', '_');

    public static void Set(HttpContext context, string token)
    {
        var options = Options(context);

        // The silo decides when the session ends.
        options.MaxAge = Sessions.Longest;
        context.Response.Cookies.Append(NameIn(context), token, options);
    }

    public static void Delete(HttpContext context)
    {
        context.Response.Cookies.Delete(NameIn(context), Options(context));
        DeleteKey(context);
    }

    /// <summary>Removes an access key of an earlier version from the browser.</summary>
    public static void DeleteKey(HttpContext context)
    {
        if (context.Request.Cookies.ContainsKey(KeyCookie))
        {
            context.Response.Cookies.Delete(KeyCookie, Options(context));
        }
    }

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        IsEssential = true,
        Path = context.Request.PathBase is { HasValue: true } prefix ? prefix.Value : "/",
    };
}
