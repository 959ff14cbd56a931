using GrainSensors.Core.Merging;

namespace GrainSensors.Storage.Merging;

/// <summary>
/// The longer periods that the writes of a process make stale. They are those of the store: another process may have added one.
/// </summary>
internal sealed class KnownLongerPeriods(LongerPeriods configured)
{
    private volatile LongerPeriods _current = configured;

    /// <summary>The configured ones, until those of the store are read.</summary>
    public LongerPeriods Current
    {
        get => _current;
        set => _current = value;
    }
}
