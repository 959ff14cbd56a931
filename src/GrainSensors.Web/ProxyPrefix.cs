using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web;

/// <summary>The prefix of all paths at the reverse proxy: <see cref="Hosting.Configuration.HttpOptions.PathBase"/>.</summary>
internal static class ProxyPrefix
{
    /// <summary>
    /// Must come first. Paths are served with and without the prefix, because proxies pass it on or remove it, and Prometheus and health
    /// checks do without the proxy. Links, redirects and cookies always have it.
    /// </summary>
    public static void UseProxyPrefix(this IApplicationBuilder app, string prefix)
    {
        if (prefix.Length > 0)
        {
            app.Use((context, next) => ApplyAsync(context, prefix, next));
        }
    }

    private static Task ApplyAsync(HttpContext context, string prefix, RequestDelegate next)
    {
        var request = context.Request;
        request.PathBase = prefix;
        if (request.Path.StartsWithSegments(prefix, StringComparison.Ordinal, out var path))
        {
            if (!path.HasValue)
            {
                // Links of the page are relative to the slash.
                context.Response.Redirect($"{prefix}/{request.QueryString}");
                return Task.CompletedTask;
            }

            request.Path = path;
        }

        return next(context);
    }
}
