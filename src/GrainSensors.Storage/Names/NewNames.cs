using GrainSensors.Core.Readings;

namespace GrainSensors.Storage.Names;

/// <summary>Counts the new names against the limits.</summary>
internal sealed class NewNames(ISensorNameTable table, SensorNameLimits limits, TimeProvider clock)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long? _minute;
    private long? _counted;
    private int _new;
    private long _all;
    private long _taken;
    private long _stored;

    /// <returns>How many of them may get a number; those count from now on. Say what becomes of them.</returns>
    public async Task<int> TakeAsync(int wanted)
    {
        if (!limits.IsOpen)
        {
            return 0;
        }

        if (TryBeginCount(out var stored))
        {
            // Names that were not in the store when the count began may be in it or not. They count once too often, not too seldom.
            var count = await table.CountAsync();
            lock (_gate)
            {
                _all = count + _taken - stored;
                _counted = clock.GetTimestamp();
            }
        }

        lock (_gate)
        {
            if (_minute is not { } minute || clock.GetElapsedTime(minute) >= Minute)
            {
                (_minute, _new) = (clock.GetTimestamp(), 0);
            }

            var taken = (int)Math.Clamp(Math.Min(limits.NewPerMinute - _new, limits.Max - _all), 0, wanted);
            Add(taken);
            return taken;
        }
    }

    /// <summary>The names are in the store.</summary>
    public void Stored(int taken)
    {
        lock (_gate)
        {
            _stored += taken;
        }
    }

    /// <summary>The names are asked for again: the store has failed before they were kept.</summary>
    public void GiveBack(int taken)
    {
        lock (_gate)
        {
            Add(-taken);
        }
    }

    private void Add(int names)
    {
        _new += names;
        _all += names;
        _taken += names;
    }

    /// <param name="stored">The names that are in the store now, of those that were taken.</param>
    private bool TryBeginCount(out long stored)
    {
        lock (_gate)
        {
            stored = _stored;
            if (_counted is { } counted && clock.GetElapsedTime(counted) < CountInterval)
            {
                return false;
            }

            // Nobody waits for a later count.
            _counted = _counted is null ? null : clock.GetTimestamp();
            return true;
        }
    }
}
