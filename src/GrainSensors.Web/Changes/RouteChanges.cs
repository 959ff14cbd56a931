using System.Globalization;
using System.Text.Json;
using GrainSensors.Contacts.Routes;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage.Contacts;
using GrainSensors.Web.Access;

namespace GrainSensors.Web.Changes;

/// <summary>Changes of the routes, by the API or the console.</summary>
internal sealed class RouteChanges(RouteBook routes, AuditTrail audit)
{
    /// <summary>Whom API and console allow to see and to change routes.</summary>
    public const string Policy = AccessPolicies.Admin;

    /// <exception cref="ChangeRefusedException">The JSON is no such document.</exception>
    public static RouteDocument Parse(JsonElement json)
    {
        try
        {
            return RouteDocument.Parse(json.ValueKind == JsonValueKind.Undefined ? "null" : json.GetRawText());
        }
        catch (FormatException e)
        {
            throw new ChangeRefusedException(ChangeRefusal.Invalid, e.Message, e);
        }
    }

    /// <param name="document">Null: removes the routes.</param>
    /// <param name="expected">The version that is changed; null: any.</param>
    /// <exception cref="ChangeRefusedException">The routes are invalid, or there is a later version.</exception>
    public async Task<StoredRoutes> PutAsync(
        AuditActor actor, RouteDocument? document, int? expected, CancellationToken cancellationToken)
    {
        var written = await ChangeRefusedException.GuardAsync(
            () => routes.WriteAsync(document, expected, actor.Name, cancellationToken));
        if (written is null)
        {
            var latest = await routes.ReadAsync(cancellationToken);
            throw new ChangeRefusedException(
                ChangeRefusal.OtherVersion,
                string.Create(CultureInfo.InvariantCulture, $"The routes have version {latest?.Version ?? 0} by now; read them again."));
        }

        await audit.WriteAsync(
            actor, document is null ? AuditActions.RoutesRemove : AuditActions.RoutesSet,
            string.Create(CultureInfo.InvariantCulture, $"version {written.Version}"));
        return written;
    }
}
