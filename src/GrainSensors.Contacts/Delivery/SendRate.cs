namespace GrainSensors.Contacts.Delivery;

/// <summary>Limits the messages of a contact point: a token bucket that holds those of ten seconds.</summary>
internal sealed class SendRate(TimeProvider clock)
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(10);

    private double _tokens = double.MaxValue;
    private long _filledAt = clock.GetTimestamp();

    /// <returns>Whether a message may be sent now.</returns>
    public bool TryTake(int perMinute)
    {
        var now = clock.GetTimestamp();
        var most = Math.Max(1, perMinute * Burst / TimeSpan.FromMinutes(1));
        _tokens = Math.Min(most, _tokens + (clock.GetElapsedTime(_filledAt, now) / TimeSpan.FromMinutes(1) * perMinute));
        _filledAt = now;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }

    /// <summary>Gives back what was taken for a message that was not sent.</summary>
    public void GiveBack() => _tokens++;
}
