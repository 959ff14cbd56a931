namespace GrainSensors.Grains.Alerts;

/// <summary>What a shard keeps: its marks and its watches, together or not at all.</summary>
[GenerateSerializer, Alias("GrainSensors.ShardState")]
public sealed class ShardState
{
    /// <summary>Null: nothing was kept yet.</summary>
    [Id(0)]
    public byte[]? Marks { get; set; }

    [Id(1)]
    public byte[]? Watches { get; set; }
}
