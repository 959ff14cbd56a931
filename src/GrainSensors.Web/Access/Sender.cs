using System.Security.Claims;
using GrainSensors.Storage.Access;

namespace GrainSensors.Web.Access;

/// <summary>Who sends readings.</summary>
/// <param name="Name">The name of the key.</param>
/// <param name="Scope">What the device key may send; null: an access key with the role admin, which may send everything.</param>
internal sealed record Sender(string Name, KeyScope? Scope)
{
    /// <summary>The sensors of all readings must be known before they are stored.</summary>
    public bool IsLimitedToSensors => Scope is { Kind: not KeyScopeKind.Source };

    /// <summary>Names the sender among all of both kinds.</summary>
    public string Caller => $"{(Scope is null ? "access" : "device")}/{Name}";

    /// <param name="user">A user whom <see cref="AccessPolicies.Send"/> allows.</param>
    /// <exception cref="InvalidOperationException">The user may not send.</exception>
    public static Sender Of(ClaimsPrincipal user) => new(
        user.Identity?.Name ?? "",
        user.IsInRole(AccessPolicies.AdminRole)
            ? null
            : ScopeClaim.Find(user) ?? throw new InvalidOperationException($"The endpoint lacks the policy {AccessPolicies.Send}."));
}
