namespace GrainSensors.Grains.Alerts;

/// <summary>The durable state of a shard: its marks and watches, written together.</summary>
[GenerateSerializer, Alias("GrainSensors.ShardState")]
public sealed class ShardState
{
    /// <summary>The marks (<see cref="Core.Windows.Marks"/>); null if no state was written yet.</summary>
    [Id(0)]
    public byte[]? Marks { get; set; }

    /// <summary>The watches (<see cref="Core.Alerts.SensorWatches"/>); null if no state was written yet.</summary>
    [Id(1)]
    public byte[]? Watches { get; set; }
}
