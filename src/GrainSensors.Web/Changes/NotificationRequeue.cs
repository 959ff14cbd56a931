using System.Globalization;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage;
using GrainSensors.Web.Access;

namespace GrainSensors.Web.Changes;

/// <summary>Sends dead notifications again, for the API or the console.</summary>
internal sealed class NotificationRequeue(IStore store, AuditTrail audit)
{
    /// <summary>Whom API and console allow to see and to requeue notifications.</summary>
    public const string Policy = AccessPolicies.Admin;

    /// <param name="contact">Null: those of all contact points.</param>
    /// <returns>The number of notifications.</returns>
    public async Task<int> AllAsync(AuditActor actor, string? contact, CancellationToken cancellationToken)
    {
        var count = await store.Contacts.Notifications.RequeueAsync(null, contact, cancellationToken);
        await audit.WriteAsync(
            actor, AuditActions.NotificationRequeue, contact ?? "all",
            string.Create(CultureInfo.InvariantCulture, $"{count} notifications"));
        return count;
    }

    /// <returns>False if there is no such dead notification.</returns>
    public async Task<bool> OneAsync(AuditActor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await store.Contacts.Notifications.RequeueAsync(id, null, cancellationToken) == 0)
        {
            return false;
        }

        await audit.WriteAsync(actor, AuditActions.NotificationRequeue, $"{id}");
        return true;
    }
}
