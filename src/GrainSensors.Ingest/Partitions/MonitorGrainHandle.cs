using GrainSensors.Contracts.Alerts;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>What a partition's loop knows of one monitor.</summary>
internal sealed class MonitorGrainHandle(int shard, IMonitorGrain grain) : GrainHandle
{
    public int Shard => shard;

    public IMonitorGrain Grain => grain;

    /// <summary>It watches sensors that are heard from the partition, as far as is known, and is told the time.</summary>
    public bool ReceivesTime;

    /// <summary>A tick is under way; another one beside it would say no more.</summary>
    public bool IsTicking;

    /// <summary>Groups in the batch that is being grouped, and then where the next one goes.</summary>
    public int Cursor;

    public override ValueTask<AddStatus> SendAsync(SourceId source, Reading[] batch, int start, int count, long streamTime) =>
        grain.Observe(source, new(batch, start, count), Previous, streamTime);

    public override ValueTask<long> FlushAsync(SourceId source) => grain.Flush(source);
}
