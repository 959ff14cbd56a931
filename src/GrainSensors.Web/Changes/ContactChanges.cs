using GrainSensors.Contacts.Delivery;
using GrainSensors.Contacts.Points;
using GrainSensors.Hosting.Access;
using GrainSensors.Web.Access;

namespace GrainSensors.Web.Changes;

/// <summary>Changes and tests of contact points, by the API or the console.</summary>
internal sealed class ContactChanges(ContactPoints points, ContactTest test, AuditTrail audit)
{
    /// <summary>Whom API and console allow to see and to change contact points.</summary>
    public const string Policy = AccessPolicies.Admin;

    /// <summary>Adds a contact point, or replaces it.</summary>
    /// <exception cref="ChangeRefusedException">It is invalid, or of the configuration.</exception>
    public async Task<(ContactPoint Point, bool IsNew)> PutAsync(
        AuditActor actor, string name, ContactRequest request, CancellationToken cancellationToken)
    {
        var written = await ChangeRefusedException.GuardAsync(
            () => points.WriteAsync(request.ToPoint(name), request.ToSecrets(), actor.Name, cancellationToken));
        await audit.WriteAsync(actor, AuditActions.ContactSet, name, written.Point.Kind);
        return written;
    }

    /// <returns>False if there is no such contact point.</returns>
    /// <exception cref="ChangeRefusedException">It is of the configuration.</exception>
    public async Task<bool> RemoveAsync(AuditActor actor, string name, CancellationToken cancellationToken)
    {
        if (!await ChangeRefusedException.GuardAsync(() => points.RemoveAsync(name, cancellationToken)))
        {
            return false;
        }

        await audit.WriteAsync(actor, AuditActions.ContactRemove, name);
        return true;
    }

    /// <summary>Sends a test message.</summary>
    /// <returns>False if there is no such contact point.</returns>
    /// <exception cref="ChangeRefusedException">The receiver has not confirmed the message.</exception>
    public async Task<bool> TestAsync(AuditActor actor, string name, CancellationToken cancellationToken)
    {
        if (await points.FindAsync(name, cancellationToken) is not { } point)
        {
            return false;
        }

        await audit.WriteAsync(actor, AuditActions.ContactTest, name);
        return await test.SendAsync(point, cancellationToken) is { } reason
            ? throw new ChangeRefusedException(ChangeRefusal.NotDelivered, reason.EndsWith('.') ? reason : $"{reason}.")
            : true;
    }
}
