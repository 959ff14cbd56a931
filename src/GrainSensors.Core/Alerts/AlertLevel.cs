namespace GrainSensors.Core.Alerts;

/// <summary>The severity of an alert, and the level of its line in the log topic.</summary>
public enum AlertLevel : byte
{
    /// <summary>The sensor reports an extreme value, or a rule says so.</summary>
    Warning = 1,

    /// <summary>The sensor is disconnected, or a rule says so.</summary>
    Error = 2,
}
