using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using Orleans.Concurrency;

namespace GrainSensors.Contracts.Alerts;

/// <summary>Watches the sensors of a shard for silence and extreme values. Key: the number of the shard, see <see cref="GrainSensors.Core.Alerts.SensorShards"/>.</summary>
/// <remarks>
/// Readings reach it as they reach windows, and by the same rules: every call may be repeated, delayed or reach another
/// activation (see <see cref="GrainSensors.Core.Exactness.ExactnessRules"/>).
/// </remarks>
[Alias("GrainSensors.IMonitorGrain")]
public interface IMonitorGrain : IGrainWithIntegerKey
{
    /// <inheritdoc cref="IWindowGrain"/>
    private const string Patience = "00:00:10";

    /// <summary>Watches what the sensors of the shard read.</summary>
    /// <param name="previous">The last offset that was acknowledged to the caller and is not yet known durable, or <see cref="Marks.None"/>.</param>
    /// <param name="streamTime">Of the source before these readings, µs since the epoch.</param>
    [Alias("Observe"), ResponseTimeout(Patience)]
    ValueTask<AddStatus> Observe(SourceId source, ShardReadings readings, long previous, long streamTime);

    /// <summary>Time has passed for a source.</summary>
    /// <param name="streamTime">µs since the epoch.</param>
    /// <param name="lastSent">The last offset that was acknowledged to the caller: who has not seen it must not judge.</param>
    /// <returns>Whether it watches sensors that are heard from the source, and wants to be told again.</returns>
    [Alias("Tick"), ResponseTimeout(Patience)]
    ValueTask<bool> Tick(SourceId source, long streamTime, long lastSent);

    /// <summary>Makes durable what it has seen, and the alerts that came of it.</summary>
    /// <returns>The last offset seen from the source when the state was copied, if it is now durable; else <see cref="Marks.None"/>.</returns>
    /// <exception cref="WindowStoreException">The store or Kafka failed; ask again later.</exception>
    [Alias("Flush"), AlwaysInterleave, ResponseTimeout(Patience)]
    ValueTask<long> Flush(SourceId source);

    /// <summary>Flushes and deactivates, unless it is fed by other sources too: the next call activates it where its partition now lives.</summary>
    [Alias("Release"), AlwaysInterleave]
    ValueTask Release(SourceId source);
}
