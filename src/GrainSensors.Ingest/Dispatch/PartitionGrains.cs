using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Dispatch;

/// <summary>The grains that a partition feeds, and those among them that hold readings that may not be durable yet.</summary>
/// <param name="monitors">The monitors of the partition. Null without monitoring.</param>
internal sealed class PartitionGrains(Period period, Func<int, Period, IWindowGrain> windowGrainOf, MonitorGrainHandles? monitors)
{
    public WindowGrainHandles Windows { get; } = new(period, windowGrainOf);

    /// <summary>The monitors of the partition. Null without monitoring.</summary>
    public MonitorGrainHandles? Monitors => monitors;

    /// <summary>Grains that were sent readings since their last complete flush. Only they take part in a checkpoint.</summary>
    public List<GrainHandle> Unflushed { get; } = [];

    /// <summary>Removes the grains whose readings are all durable from <see cref="Unflushed"/>.</summary>
    public void RemoveFlushed() => Unflushed.RemoveAll(static handle => handle.Previous == Marks.None);

    /// <summary>Clears what the grains have acknowledged: after a rewind every reading is sent again.</summary>
    public void ForgetAcknowledgements()
    {
        Windows.ForgetAcknowledgements();
        monitors?.ForgetAcknowledgements();
        Unflushed.Clear();
    }
}
