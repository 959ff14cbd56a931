namespace GrainSensors.Core.Alerts;

/// <summary>How bad it is: the level of the log line.</summary>
public enum AlertLevel : byte
{
    /// <summary>A value that should not be.</summary>
    Warning = 1,

    /// <summary>Nothing is known of the sensor.</summary>
    Error = 2,
}
