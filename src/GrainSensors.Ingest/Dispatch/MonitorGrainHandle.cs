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

    /// <summary>The monitor watches sensors of this partition, as far as is known, and therefore receives its stream time.</summary>
    public bool ReceivesTime;

    /// <summary>A tick is in flight. A second one at the same time would add nothing.</summary>
    public bool IsTicking;

    /// <summary>While a batch is grouped: first the number of the monitor's sensors, then the index of its next sensor.</summary>
    public int Cursor;

    public override ValueTask<AddStatus> SendAsync(SourceId source, Reading[] batch, int start, int count, long streamTime) =>
        grain.Observe(source, new(batch, start, count), Previous, streamTime);

    public override ValueTask<long> FlushAsync(SourceId source) => grain.Flush(source);
}
