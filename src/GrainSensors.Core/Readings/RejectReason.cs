namespace GrainSensors.Core.Readings;

/// <summary>Why a message is a dead letter. Dead letters and metrics name the reason.</summary>
/// <remarks>
/// The first reason that applies counts. <c>RejectionRules</c> of GrainSensors.Ingest decides <see cref="Tombstone"/> and
/// <see cref="Expired"/>, the naming of its batches <see cref="TooManySensors"/> and <see cref="UnknownSensor"/>, and
/// <see cref="ReadingParser"/> all others.
/// </remarks>
public enum RejectReason
{
    None = 0,

    /// <summary>The message is not one well-formed JSON text in UTF-8 (a leading byte order mark is allowed).</summary>
    NotJson,

    /// <summary>The message is JSON, but not an object.</summary>
    NotAnObject,

    /// <summary>The member <c>sensor_id</c> is missing.</summary>
    NoSensorId,

    /// <summary><c>sensor_id</c> is neither a JSON number written as an integer nor a valid name.</summary>
    InvalidSensorId,

    /// <summary>The member <c>timestamp</c> is missing or null.</summary>
    NoTimestamp,

    /// <summary><c>timestamp</c> is not a number, or outside the accepted times.</summary>
    InvalidTimestamp,

    /// <summary>A measurement is not a number, or outside its plausible range.</summary>
    InvalidValue,

    /// <summary>The message is larger than 64 KiB.</summary>
    TooLarge,

    /// <summary>The value of the message is null.</summary>
    Tombstone,

    /// <summary>The window of the reading is older than the retention.</summary>
    Expired,

    /// <summary>
    /// The message has further members, but none of them is a measurement. Without any further member it reports a disconnected probe.
    /// </summary>
    NoMeasurement,

    /// <summary>The sensor is new, and there are as many sensors, or as many new ones in this minute, as the limits allow.</summary>
    TooManySensors,

    /// <summary>The sensor is new, and the registration of sensors is closed.</summary>
    UnknownSensor,

    /// <summary>The bytes are not of the format of their source.</summary>
    Malformed,

    /// <summary>The message has more readings than one message may have.</summary>
    TooManyReadings,

    /// <summary>The message has no reading.</summary>
    NoReading,

    /// <summary>The schema registry does not have the schema of the message, or it is not one of the source's format.</summary>
    NoSchema,
}

public static class RejectReasons
{
    /// <returns>The name of the reason in dead letters and metrics, such as <c>not-json</c> or <c>no-sensor-id</c>.</returns>
    public static string ToToken(this RejectReason reason) => reason switch
    {
        RejectReason.NotJson => "not-json",
        RejectReason.NotAnObject => "not-an-object",
        RejectReason.NoSensorId => "no-sensor-id",
        RejectReason.InvalidSensorId => "invalid-sensor-id",
        RejectReason.NoTimestamp => "no-timestamp",
        RejectReason.InvalidTimestamp => "invalid-timestamp",
        RejectReason.InvalidValue => "invalid-value",
        RejectReason.TooLarge => "too-large",
        RejectReason.Tombstone => "tombstone",
        RejectReason.Expired => "expired",
        RejectReason.NoMeasurement => "no-measurement",
        RejectReason.TooManySensors => "too-many-sensors",
        RejectReason.UnknownSensor => "unknown-sensor",
        RejectReason.Malformed => "malformed",
        RejectReason.TooManyReadings => "too-many-readings",
        RejectReason.NoReading => "no-reading",
        RejectReason.NoSchema => "no-schema",
        _ => "none",
    };

    /// <exception cref="FormatException">The text is not one of <see cref="ToToken"/>.</exception>
    public static RejectReason Parse(string token) => Array.Find(Enum.GetValues<RejectReason>(), reason => reason.ToToken() == token) switch
    {
        RejectReason.None => throw new FormatException($"\"{token}\" is not a reason of a dead letter."),
        var reason => reason,
    };
}
