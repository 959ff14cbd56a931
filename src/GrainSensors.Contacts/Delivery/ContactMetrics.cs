using System.Diagnostics.Metrics;

namespace GrainSensors.Contacts.Delivery;

/// <summary>Counts attempts of notifications on this silo.</summary>
public sealed class ContactMetrics
{
    private readonly Counter<long> _sent;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _dead;

    /// <param name="meterName">The meter of all instruments of the project.</param>
    public ContactMetrics(IMeterFactory meters, string meterName)
    {
        var meter = meters.Create(meterName);
        _sent = meter.CreateCounter<long>("grainsensors.notifications.sent", "{notification}", "Notifications that receivers accepted.");
        _failed = meter.CreateCounter<long>("grainsensors.notifications.failed", "{attempt}", "Failed attempts to send a notification.");
        _dead = meter.CreateCounter<long>("grainsensors.notifications.dead", "{notification}", "Notifications that were given up.");
    }

    public void Sent(string contact) => _sent.Add(1, Of(contact));

    public void Failed(string contact, bool isDead)
    {
        _failed.Add(1, Of(contact));
        if (isDead)
        {
            _dead.Add(1, Of(contact));
        }
    }

    private static KeyValuePair<string, object?> Of(string contact) => new("contact", contact);
}
