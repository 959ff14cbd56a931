using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>What a partition's loop knows of one window grain; the reference is kept, because finding it again costs more than a call.</summary>
internal sealed class WindowGrainHandle(int sensorId, Period period, IWindowGrain grain) : GrainHandle
{
    public readonly int SensorId = sensorId;

    public readonly Period Period = period;

    public readonly IWindowGrain Grain = grain;

    /// <summary>The monitor of the sensor; null: sensors are not watched, or it was not looked up yet.</summary>
    public MonitorGrainHandle? Monitor;

    /// <summary>Starts of windows that the loop has yet to close.</summary>
    public readonly List<long> OpenStarts = new(1);

    /// <summary>The window that the last reading fell into, while it is tracked: nearly every reading falls there again.</summary>
    public long LastTrackedStart = long.MinValue;

    /// <summary>The checkpoint round in which the sensor last had a reading.</summary>
    public long LastRound;

    /// <summary>Readings in the batch that is being grouped, and then where the next one goes.</summary>
    public int Cursor;

    /// <summary>The grain itself, while it is active on this silo; null: not known.</summary>
    public ILocalWindowGrain? Activation;

    public override ValueTask<AddStatus> SendAsync(SourceId source, Reading[] batch, int start, int count, long streamTime) =>
        Grain.Add(source, new(batch, start, count), Previous);

    public override ValueTask<long> FlushAsync(SourceId source) => Grain.Flush(source);
}
