namespace GrainSensors.Sources.Results;

/// <summary>Why a message, or a reading of it, is rejected. The first reason that applies counts.</summary>
public enum SourceRejectReason
{
    None = 0,

    /// <summary>The bytes are not of the source's format.</summary>
    Malformed,

    /// <summary>The message is larger than its source allows.</summary>
    TooLarge,

    /// <summary>The message has more than 10,000 readings.</summary>
    TooManyReadings,

    /// <summary>The message has no reading.</summary>
    NoReading,

    /// <summary>What names the sensor is missing, or the topic does not match.</summary>
    NoSensorId,

    /// <summary>What names the sensor is neither an integer nor a valid name.</summary>
    InvalidSensorId,

    /// <summary>The time is in another form than the mapping says.</summary>
    InvalidTimestamp,

    /// <summary>The reading has none of the values of the mapping, not even null.</summary>
    NoMeasurement,

    /// <summary>A value is not a number, or the prefix of names is invalid.</summary>
    InvalidValue,

    /// <summary>The schema registry does not have the schema of the message, or it is not one of the source's format.</summary>
    NoSchema,
}

public static class SourceRejectReasons
{
    /// <returns>The name of the reason, as in dead letters.</returns>
    public static string ToToken(this SourceRejectReason reason) => reason switch
    {
        SourceRejectReason.Malformed => "malformed",
        SourceRejectReason.TooLarge => "too-large",
        SourceRejectReason.TooManyReadings => "too-many-readings",
        SourceRejectReason.NoReading => "no-reading",
        SourceRejectReason.NoSensorId => "no-sensor-id",
        SourceRejectReason.InvalidSensorId => "invalid-sensor-id",
        SourceRejectReason.InvalidTimestamp => "invalid-timestamp",
        SourceRejectReason.NoMeasurement => "no-measurement",
        SourceRejectReason.InvalidValue => "invalid-value",
        SourceRejectReason.NoSchema => "no-schema",
        _ => "none",
    };
}
