namespace GrainSensors.Grains.Alerts;

/// <summary>How far the notifier has come.</summary>
[GenerateSerializer, Alias("GrainSensors.NotifierState")]
public sealed class NotifierState
{
    /// <summary>Changes of alerts before this were looked at, µs since the epoch by the clock of the store; null: it has never begun.</summary>
    [Id(0)]
    public long? Since { get; set; }

    /// <summary>The alerts that the receiver was told are open.</summary>
    [Id(1)]
    public HashSet<Guid> Told { get; set; } = [];
}
