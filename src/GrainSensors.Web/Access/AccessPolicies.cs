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

    /// <summary>The role of device keys, which have no other one.</summary>
    /// <inheritdoc cref="ReadRole"/>
    public const string SendRole = "send";

    /// <summary>Requires an access key of any role, regardless of the method: for a POST that changes nothing.</summary>
    public const string Read = "grainsensors-read";

    /// <summary>Requires a key with the role admin.</summary>
    public const string Admin = "grainsensors-admin";

    /// <summary>
    /// Requires the role admin, or a device key: for the doors of readings. Their handlers check what a device key may send, by
    /// <c>Sender</c>.
    /// </summary>
    public const string Send = "grainsensors-send";

    /// <summary>Requires an access key of any role for GET, HEAD and OPTIONS, and the role admin for all other methods.</summary>
    public static AuthorizationPolicy ByMethod { get; } = new AuthorizationPolicyBuilder(AccessHandler.Scheme)
        .RequireRole(ReadRole)
        .RequireAssertion(context => context.Resource is not HttpContext http || IsRead(http.Request) || context.User.IsInRole(AdminRole))
        .Build();

    public static void Add(AuthorizationOptions options)
    {
        options.DefaultPolicy = ByMethod;
        options.FallbackPolicy = ByMethod;
        options.AddPolicy(Read, policy => policy.AddAuthenticationSchemes(AccessHandler.Scheme).RequireRole(ReadRole));
        options.AddPolicy(Admin, policy => policy.AddAuthenticationSchemes(AccessHandler.Scheme).RequireRole(AdminRole));
        options.AddPolicy(Send, policy => policy.AddAuthenticationSchemes(AccessHandler.Scheme).RequireRole(AdminRole, SendRole));
    }

    /// <returns>The name of the role that a policy requires, for people.</returns>
    public static string RoleOf(string policy) => policy == Admin ? AdminRole : ReadRole;

    public static bool IsRead(HttpRequest request) =>
        RequestOrigin.IsByMethodARead(request)

        // The console checks the role of the user again in each action that changes data.
        || RequestOrigin.IsPageConnection(request);
}
