namespace GrainSensors.Core.Alerts;

/// <summary>What identifies the alerts of a rule: with another kind or measurement it is another rule.</summary>
/// <param name="Id">The id of the rule.</param>
/// <param name="Measurement">
/// The index of the measurement; <see cref="AlertChange.WholeSensor"/> for none, <see cref="NotConfigured"/> for one of the past.
/// </param>
/// <param name="Level">The severity of its alerts, which identifies nothing.</param>
public sealed record RuleKey(string Id, AlertKind Kind, int Measurement, AlertLevel Level)
{
    /// <summary>The index of a measurement that is no longer configured.</summary>
    public const int NotConfigured = -2;

    public bool IsSame(RuleKey other) => Id == other.Id && Kind == other.Kind && Measurement == other.Measurement;
}
