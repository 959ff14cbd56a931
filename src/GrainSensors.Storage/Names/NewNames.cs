using GrainSensors.Core.Readings;

namespace GrainSensors.Storage.Names;

/// <summary>Counts the new names against the limits. For one caller at a time.</summary>
internal sealed class NewNames(ISensorNameTable table, SensorNameLimits limits, TimeProvider clock)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(10);

    private long? _minute;
    private long? _counted;
    private int _new;
    private long _all;

    /// <returns>How many of them may get a number; those count from now on.</returns>
    public async Task<int> TakeAsync(int wanted)
    {
        if (!limits.IsOpen)
        {
            return 0;
        }

        if (_minute is not { } minute || clock.GetElapsedTime(minute) >= Minute)
        {
            (_minute, _new) = (clock.GetTimestamp(), 0);
        }

        if (_counted is not { } counted || clock.GetElapsedTime(counted) >= CountInterval)
        {
            _all = await table.CountAsync();
            _counted = clock.GetTimestamp();
        }

        var taken = (int)Math.Clamp(Math.Min(limits.NewPerMinute - _new, limits.Max - _all), 0, wanted);
        _new += taken;
        _all += taken;
        return taken;
    }

    /// <summary>The names are asked for again: the store has failed before they were kept.</summary>
    public void GiveBack(int taken)
    {
        _new -= taken;
        _all -= taken;
    }
}
