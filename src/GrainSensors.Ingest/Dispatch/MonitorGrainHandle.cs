using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Dispatch;

/// <summary>A monitor grain that a partition feeds.</summary>
internal sealed class MonitorGrainHandle(int shard, IMonitorGrain grain) : GrainHandle
{
    public int Shard => shard;

    public IMonitorGrain Grain => grain;

    /// <summary>Whether the monitor is known to watch sensors of this partition. It then receives the stream time.</summary>
    public bool ReceivesTime;

    /// <summary>Whether the monitor has answered a tick.</summary>
    public bool HasAnswered;

    /// <summary>Whether a tick is in flight. A second tick at the same time would have no effect.</summary>
    public bool IsTicking;

    /// <summary>While a batch is grouped: first the number of the monitor's sensors, then the index of its next sensor.</summary>
    public int Cursor;

    public override ValueTask<AddStatus> SendAsync(
        SourceId source, ReadingBatch batch, int start, int count, long streamTime, Guid life) =>
        grain.Observe(source, new(batch, start, count), Previous, streamTime, life);

    public override ValueTask<long> FlushAsync(SourceId source, Guid life) => grain.Flush(source, life);
}
