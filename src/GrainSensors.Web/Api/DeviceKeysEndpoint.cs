using System.Security.Claims;
using GrainSensors.Hosting.Access;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Revokes device keys while <c>run</c> uses a SQLite store, which no command can change then.</summary>
internal static class DeviceKeysEndpoint
{
    public static void MapDeviceKeys(this IEndpointRouteBuilder api) => api.MapDelete("/device-keys/{name}", RevokeAsync)
        .RequireAuthorization(AccessPolicies.Admin)
        .WithTags("Access").WithName("RevokeDeviceKey")
        .WithSummary("Revokes a device key")
        .WithDescription("Every silo refuses the key within seconds. Requires a key with the role admin.")
        .Takes(new ApiParameter("name", "name of a device key"))
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> RevokeAsync(
        string name, IStore store, AccessRules rules, AuditTrail audit, ClaimsPrincipal user)
    {
        if (!await store.Access.DeviceKeys.RemoveAsync(name, CancellationToken.None))
        {
            throw ApiQuery.NotFound($"There is no device key \"{ApiQuery.Quote(name)}\"; `grainsensors key list` prints the keys.");
        }

        await audit.WriteAsync(AccessActor.Of(user), AuditActions.KeyRevoke, name);
        try
        {
            await rules.DeviceKeys.ReadAsync(store.Access.DeviceKeys, CancellationToken.None);
        }
        catch (WindowStoreUnavailableException)
        {
            // The key is revoked. Every silo reads the keys again by itself, this one too.
        }

        return TypedResults.NoContent();
    }
}
