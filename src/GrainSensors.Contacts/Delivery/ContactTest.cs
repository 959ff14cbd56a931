using GrainSensors.Contacts.Kinds;
using GrainSensors.Contacts.Points;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Delivery;

/// <summary>Sends a test message to a contact point, at once and without a retry.</summary>
public sealed class ContactTest
{
    private readonly ContactPoints _points;
    private readonly NoticeMaker _notices;
    private readonly TimeProvider _clock;

    internal ContactTest(ContactPoints points, NoticeMaker notices, TimeProvider clock) =>
        (_points, _notices, _clock) = (points, notices, clock);

    /// <returns>Why the receiver has not confirmed the message, without secrets; null: it has.</returns>
    public async Task<string?> SendAsync(ContactPoint point, CancellationToken cancellationToken)
    {
        if (point.Problem is { } problem)
        {
            return problem;
        }

        try
        {
            var kind = _points.Rules.Find(point.Kind)!;
            var notice = _notices.Test(_clock.GetUtcNow());
            await kind.SendAsync(point.Values, new(Guid.CreateVersion7(), notice), cancellationToken);
            if (kind.KeepsAlerts)
            {
                var cleared = notice with { Event = NotificationEvent.Cleared, ClearedAt = notice.RaisedAt };
                await kind.SendAsync(point.Values, new(Guid.CreateVersion7(), cleared), cancellationToken);
            }

            return null;
        }
        catch (DeliveryException e)
        {
            return point.Values.Redact(e.Message);
        }
    }
}
