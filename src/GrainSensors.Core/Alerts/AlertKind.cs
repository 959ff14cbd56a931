namespace GrainSensors.Core.Alerts;

/// <summary>
/// The condition of a sensor that an alert reports: of the two built-in rules, and of rules as data. The numbers are stored.
/// </summary>
public enum AlertKind : byte
{
    /// <summary>The sensor sent no reading for longer than its timeout, or readings without a value of its primary measurement.</summary>
    Disconnected = 1,

    /// <summary>A value is outside the absolute limits, or too far from the baseline of the sensor.</summary>
    Extreme = 2,

    /// <summary>A value is above or below a limit (<see cref="ThresholdCondition"/>).</summary>
    Threshold = 3,

    /// <summary>A value changes too fast (<see cref="RateCondition"/>).</summary>
    Rate = 4,

    /// <summary>A value does not change (<see cref="StuckCondition"/>).</summary>
    Stuck = 5,

    /// <summary>An expression over several measurements holds (<see cref="ExpressionCondition"/>).</summary>
    Expression = 6,

    /// <summary>There are fewer readings than usual in a window (<see cref="MissingCondition"/>).</summary>
    Missing = 7,

    /// <summary>A statistic of the values in a window is above or below a limit (<see cref="WindowCondition"/>).</summary>
    Window = 8,

    /// <summary>Many sensors of a group are in alarm (<see cref="GroupCondition"/>).</summary>
    Group = 9,

    /// <summary>A window differs from that of another sensor, or from the median of the group (<see cref="CompareCondition"/>).</summary>
    Compare = 10,
}

/// <summary>A transition of an alert.</summary>
public enum AlertTransition : byte
{
    Raised = 1,

    /// <summary>The condition returned within the cool-down: the same alert is open again and its occurrences increase.</summary>
    Reopened = 2,

    Cleared = 3,
}
