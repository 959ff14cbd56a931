namespace GrainSensors.Core.Alerts;

/// <summary>What is wrong with a sensor. The numbers are stored.</summary>
public enum AlertKind : byte
{
    /// <summary>No reading for longer than its time-out, or readings without a value of its first measurement.</summary>
    Disconnected = 1,

    /// <summary>A value outside absolute limits, or too far from what this sensor usually reads.</summary>
    Extreme = 2,
}

/// <summary>What happens to an alert.</summary>
public enum AlertTransition : byte
{
    Raised = 1,

    /// <summary>What it told of came back within the cool-down: the same alert is open again and counts.</summary>
    Reopened = 2,

    Cleared = 3,
}
