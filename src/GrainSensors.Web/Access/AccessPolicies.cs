using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Access;

/// <summary>
/// Policies of endpoints. An endpoint without a policy falls under <see cref="ByMethod"/>, and so does a path without an endpoint:
/// an endpoint that was forgotten is protected.
/// </summary>
internal static class AccessPolicies
{
    /// <summary>Name of the role in claims and in <c>[Authorize(Roles = …)]</c>.</summary>
    public const string ReadRole = "read";

    /// <inheritdoc cref="ReadRole"/>
    public const string AdminRole = "admin";

    /// <summary>Requires a key of any role, regardless of the method: for a POST that changes nothing.</summary>
    public const string Read = "grainsensors-read";

    /// <summary>Requires a key with the role admin.</summary>
    public const string Admin = "grainsensors-admin";

    /// <summary>Requires a key of any role for GET, HEAD and OPTIONS, and the role admin for all other methods.</summary>
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

        // The console checks the role of the user again in each action that changes data.
        || RequestOrigin.IsPageConnection(request);
}
