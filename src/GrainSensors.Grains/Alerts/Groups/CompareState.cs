namespace GrainSensors.Grains.Alerts.Groups;

/// <summary>The durable progress of rules that compare sensors.</summary>
[GenerateSerializer, Alias("GrainSensors.CompareState")]
public sealed class CompareState
{
    /// <summary>By the id of the rule: the end of the last window that was judged, µs since the epoch.</summary>
    [Id(0)]
    public Dictionary<string, long> JudgedUntil { get; set; } = [];
}
