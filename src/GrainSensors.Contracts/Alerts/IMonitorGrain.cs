using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace GrainSensors.Contracts.Alerts;

/// <summary>Watches the sensors of a shard for silence and extreme values.</summary>
/// <remarks>
/// The key is the number of the shard (<see cref="GrainSensors.Core.Alerts.SensorShards"/>). The rules of windows apply: every call
/// may be repeated, delayed or reach another activation (<see cref="GrainSensors.Core.Exactness.ExactnessRules"/>).
/// </remarks>
[Alias("GrainSensors.IMonitorGrain"), Version(1)]
public interface IMonitorGrain : IGrainWithIntegerKey
{
    /// <inheritdoc cref="IWindowGrain"/>
    private const string AnswerTimeout = "00:00:10";

    /// <summary>Takes readings of the sensors of the shard.</summary>
    /// <param name="previous">
    /// The last offset that was acknowledged to the caller and is not yet known durable, or <see cref="Marks.None"/>.
    /// </param>
    /// <param name="streamTime">The stream time of the source before these readings, µs since the epoch.</param>
    /// <param name="life">As for <see cref="IWindowGrain.Add"/>.</param>
    [Alias("ObserveInLife"), ResponseTimeout(AnswerTimeout)]
    ValueTask<AddStatus> Observe(SourceId source, ShardReadings readings, long previous, long streamTime, Guid life);

    /// <summary>Advances the stream time of a source.</summary>
    /// <param name="streamTime">The stream time, µs since the epoch.</param>
    /// <param name="lastSent">
    /// The last offset that was acknowledged to the caller. An activation that has not seen it decides nothing about silence.
    /// </param>
    /// <returns>Whether the monitor watches sensors of the source and needs further ticks.</returns>
    [Alias("Tick"), ResponseTimeout(AnswerTimeout)]
    ValueTask<bool> Tick(SourceId source, long streamTime, long lastSent);

    /// <summary>Makes the state and the alerts that result from it durable.</summary>
    /// <returns>
    /// The last offset seen from the source when the state was copied, if that state is durable; else <see cref="Marks.None"/>.
    /// </returns>
    /// <exception cref="WindowStoreException">The store or Kafka failed; call again later.</exception>
    /// <param name="life">As for <see cref="IWindowGrain.Flush"/>.</param>
    [Alias("FlushInLife"), AlwaysInterleave, ResponseTimeout(AnswerTimeout)]
    ValueTask<long> Flush(SourceId source, Guid life);

    /// <summary>
    /// Flushes and deactivates, unless other sources feed the monitor too. The next call activates it on the new owner of the
    /// partition.
    /// </summary>
    [Alias("Release"), AlwaysInterleave]
    ValueTask Release(SourceId source);
}
