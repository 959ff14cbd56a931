using System.Collections.Frozen;
using System.Text.RegularExpressions;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;

namespace GrainSensors.Core.Alerts.Rules;

/// <summary>A rule as data. Times are in µs.</summary>
/// <param name="Id">Unique; part of the ids of its alerts.</param>
public sealed partial record AlertRule(string Id, RuleSelector Selector, RuleCondition Condition)
{
    public const int MaxId = 64;

    public const string IdForm = "1 to 64 lower-case letters, digits, dots, dashes or underscores";

    public AlertLevel Level { get; init; } = AlertLevel.Warning;

    public bool IsEnabled { get; init; } = true;

    /// <inheritdoc cref="WatchedRule.DwellReadings"/>
    public int DwellReadings { get; init; } = 1;

    /// <inheritdoc cref="WatchedRule.DwellTime"/>
    public long DwellTime { get; init; }

    /// <inheritdoc cref="WatchedRule.CoolDown"/>
    public long CoolDown { get; init; } = DisconnectionRule.DefaultCoolDown;

    /// <summary>Further labels of its alerts, by which routes and silences select them.</summary>
    public SensorTags Labels { get; init; } = SensorTags.None;

    /// <summary>The address of instructions; null: none.</summary>
    public string? Runbook { get; init; }

    /// <summary>A Liquid template for the message of a raised alert; null: the message of the kind.</summary>
    public string? Message { get; init; }

    /// <returns>Whether the text has the form of an id and is not the name of a built-in rule.</returns>
    public static bool IsId(string id) => Form().IsMatch(id) && !IsBuiltIn(id);

    public static bool IsBuiltIn(string id) => id is "disconnected" or "extreme";

    /// <param name="sensors">The sensors that <see cref="Selector"/> selects; null: all.</param>
    public WatchedRule ToWatched(MeasurementSet measurements, FrozenSet<int>? sensors) =>
        new(new(Id, Condition.Kind, MeasurementOf(measurements), Level), Condition)
        {
            DwellReadings = DwellReadings,
            DwellTime = DwellTime,
            CoolDown = CoolDown,
            Sensors = sensors,
        };

    private int MeasurementOf(MeasurementSet measurements) =>
        Selector.Measurement.Length == 0 ? AlertChange.WholeSensor : measurements.IndexOf(Selector.Measurement);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex Form();
}
