using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Dispatch;

/// <summary>A window grain that a partition feeds. The grain reference is kept, because looking it up costs more than a call.</summary>
internal sealed class WindowGrainHandle(int sensorId, Period period, IWindowGrain grain) : GrainHandle
{
    public readonly int SensorId = sensorId;

    public readonly Period Period = period;

    public readonly IWindowGrain Grain = grain;

    /// <summary>The monitor of the sensor. Null without monitoring, and until the first lookup.</summary>
    public MonitorGrainHandle? Monitor;

    /// <summary>Starts of the windows that the partition has not closed yet.</summary>
    public readonly List<long> OpenStarts = new(1);

    /// <summary>The start of the last reading's window, while that window is open. Most readings fall into the same window again.</summary>
    public long LastTrackedStart = long.MinValue;

    /// <summary>The number of the checkpoint attempt before which the sensor last had a reading.</summary>
    public long LastAttempt;

    /// <summary>While a batch is grouped: first the number of the sensor's readings, then the index of its next reading.</summary>
    public int Cursor;

    /// <summary>The activation of the grain on this silo. Null if it is not known.</summary>
    public ILocalWindowGrain? LocalGrain;

    public override ValueTask<AddStatus> SendAsync(
        SourceId source, ReadingBatch batch, int start, int count, long streamTime, Guid life) =>
        Grain.Add(source, new(batch, start, count), Previous, life);

    public override ValueTask<long> FlushAsync(SourceId source, Guid life) => Grain.Flush(source, life);
}
