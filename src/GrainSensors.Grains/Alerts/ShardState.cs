using GrainSensors.Storage.Alerts;
using Orleans.Serialization;

namespace GrainSensors.Grains.Alerts;

/// <summary>The state of a shard as version 0.1 stored it, by Orleans' serializer.</summary>
[GenerateSerializer, Alias("GrainSensors.ShardState")]
public sealed class ShardState
{
    /// <summary>The marks (<see cref="Core.Windows.Marks"/>).</summary>
    [Id(0)]
    public byte[]? Marks { get; set; }

    /// <summary>The watches (<see cref="Core.Alerts.SensorWatches"/>).</summary>
    [Id(1)]
    public byte[]? Watches { get; set; }

    /// <returns>The state in the present format; the same object if it has that format, or if there is none.</returns>
    public static StoredMonitor Convert(StoredMonitor stored, Serializer serializer)
    {
        if (stored is not { Watches: { } bytes, Marks: null })
        {
            return stored;
        }

        var old = serializer.Deserialize<ShardState>(bytes)!;
        return stored with { Marks = old.Marks, Watches = old.Watches, IsConverted = true };
    }
}
