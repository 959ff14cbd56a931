namespace GrainSensors.Ingest.Consuming;

/// <summary>Makes the consume thread process the requests of loops and partitions.</summary>
internal sealed class ConsumerWakeup
{
    private readonly object _gate = new();
    private volatile bool _isSet;

    /// <summary>Wakes the consume thread. Any thread may call this.</summary>
    public void Set()
    {
        _isSet = true;
        lock (_gate)
        {
            Monitor.Pulse(_gate);
        }
    }

    /// <returns>Whether the wakeup was set since the last call.</returns>
    public bool TryReset()
    {
        if (!_isSet)
        {
            return false;
        }

        _isSet = false;
        return true;
    }

    /// <summary>Waits until the condition holds; it is checked after each <see cref="Set"/>.</summary>
    /// <returns>False: the time has passed.</returns>
    public bool WaitFor(Func<bool> condition, TimeSpan timeout, TimeProvider clock)
    {
        var started = clock.GetTimestamp();
        lock (_gate)
        {
            while (clock.GetElapsedTime(started) < timeout)
            {
                if (condition())
                {
                    return true;
                }

                Monitor.Wait(_gate, timeout);
            }
        }

        return false;
    }
}
