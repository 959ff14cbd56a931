namespace GrainSensors.Grains.Alerts;

/// <summary>The durable progress of the notifier.</summary>
[GenerateSerializer, Alias("GrainSensors.NotifierState")]
public sealed class NotifierState
{
    /// <summary>
    /// The time up to which changes of alerts were read, µs since the epoch by the clock of the store; null before the first run.
    /// </summary>
    [Id(0)]
    public long? Since { get; set; }

    /// <summary>The alerts that the receiver knows as open.</summary>
    [Id(1)]
    public HashSet<Guid> Told { get; set; } = [];
}
