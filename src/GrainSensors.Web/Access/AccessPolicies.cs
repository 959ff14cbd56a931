using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Access;

/// <summary>
/// What an end point asks of its caller. One that says nothing falls under <see cref="ByMethod"/>, and so does a path
/// behind which there is nothing: forgetting to protect something leaves it protected.
/// </summary>
internal static class AccessPolicies
{
    /// <summary>The name of the role, in claims and in <c>[Authorize(Roles = …)]</c>.</summary>
    public const string ReadRole = "read";

    /// <inheritdoc cref="ReadRole"/>
    public const string AdminRole = "admin";

    /// <summary>For those whose key may read, whatever the method: of requests that change nothing though they are a POST.</summary>
    public const string Read = "grainsensors-read";

    /// <summary>For those whose key may do everything.</summary>
    public const string Admin = "grainsensors-admin";

    /// <summary>GET, HEAD and OPTIONS for any key, everything else for an admin's.</summary>
    public static AuthorizationPolicy ByMethod { get; } = new AuthorizationPolicyBuilder(AccessHandler.Scheme)
        .RequireAuthenticatedUser()
        .RequireAssertion(context => context.Resource is not HttpContext http || IsRead(http.Request) || context.User.IsInRole(AdminRole))
        .Build();

    public static void Add(AuthorizationOptions options)
    {
        options.DefaultPolicy = ByMethod;
        options.FallbackPolicy = ByMethod;
        options.AddPolicy(Read, policy => policy.AddAuthenticationSchemes(AccessHandler.Scheme).RequireAuthenticatedUser());
        options.AddPolicy(Admin, policy => policy.AddAuthenticationSchemes(AccessHandler.Scheme).RequireRole(AdminRole));
    }

    public static bool IsRead(HttpRequest request) =>
        RequestOrigin.IsByMethodARead(request)

        // What its buttons do is judged by the user's role where they do it.
        || RequestOrigin.IsPageConnection(request);
}
