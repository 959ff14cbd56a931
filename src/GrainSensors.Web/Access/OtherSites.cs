using GrainSensors.Hosting.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Access;

/// <summary>
/// Cross-origin resource sharing: pages of configured sites may use the API with an access key. They never act in the session of
/// the user: browsers send them no answer to a request with cookies.
/// </summary>
internal static class OtherSites
{
    private const string Policy = "other-sites";

    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(1);

    public static IServiceCollection AddOtherSites(this IServiceCollection services, AccessRules rules) =>
        services.AddCors(options => options.AddPolicy(Policy, policy => Allow(policy, rules)));

    /// <summary>Lets the pages of configured sites use endpoints.</summary>
    public static T AllowOtherSites<T>(this T endpoints, AccessRules rules)
        where T : IEndpointConventionBuilder
    {
        if (rules.Origins.Count > 0)
        {
            endpoints.RequireCors(Policy);
        }

        return endpoints;
    }

    /// <returns>True: the page of a configured site sent the request, and not in the session of a user.</returns>
    public static bool Allows(HttpRequest request, AccessRules rules) =>
        rules.Origins.Contains(request.Headers[HeaderNames.Origin].ToString())
        && !request.Cookies.ContainsKey(SessionCookie.NameIn(request.HttpContext));

    private static void Allow(CorsPolicyBuilder policy, AccessRules rules) => policy
        .WithOrigins([.. rules.Origins])
        .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Delete)
        .WithHeaders(
            HeaderNames.Authorization, Authenticator.KeyHeader, HeaderNames.ContentType, HeaderNames.IfNoneMatch, "Last-Event-ID",
            "Idempotency-Key")
        .WithExposedHeaders(HeaderNames.ETag, HeaderNames.RetryAfter, "Idempotency-Replayed")
        .SetPreflightMaxAge(PreflightAge);
}
