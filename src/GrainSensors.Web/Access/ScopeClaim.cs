using System.Security.Claims;
using GrainSensors.Storage.Access;

namespace GrainSensors.Web.Access;

/// <summary>The claim that carries the scope of a device key from the authentication to the doors.</summary>
internal static class ScopeClaim
{
    private const string Prefix = "grainsensors-scope-";

    public static Claim Of(KeyScope scope) => new($"{Prefix}{KeyScope.WordOf(scope.Kind)}", scope.Value);

    /// <returns>Null: the user has no device key.</returns>
    public static KeyScope? Find(ClaimsPrincipal user) =>
        user.FindFirst(claim => claim.Type.StartsWith(Prefix, StringComparison.Ordinal)) is { } claim
            ? new(KeyScope.KindOf(claim.Type[Prefix.Length..]), claim.Value)
            : null;
}
