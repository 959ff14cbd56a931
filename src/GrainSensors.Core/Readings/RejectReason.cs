namespace GrainSensors.Core.Readings;

/// <summary>Why a message is a dead letter. Dead letters and metrics name the reason.</summary>
/// <remarks>
/// The first reason that applies counts. <c>RejectionRules</c> of GrainSensors.Ingest decides <see cref="Tombstone"/> and
/// <see cref="Expired"/>, and <see cref="ReadingParser"/> decides all others.
/// </remarks>
public enum RejectReason
{
    None = 0,

    /// <summary>Not one well-formed JSON text in UTF-8 (a leading byte order mark is allowed).</summary>
    NotJson,

    /// <summary>JSON, but not an object.</summary>
    NotAnObject,

    /// <summary>No member <c>sensor_id</c>.</summary>
    NoSensorId,

    /// <summary><c>sensor_id</c> is not a JSON number written as an integer in 0…2³¹−1.</summary>
    InvalidSensorId,

    /// <summary>No member <c>timestamp</c>, or null.</summary>
    NoTimestamp,

    /// <summary><c>timestamp</c> is not a number, or before the first or after the last moment accepted.</summary>
    InvalidTimestamp,

    /// <summary>A measurement is not a number, or outside of its plausible range.</summary>
    InvalidValue,

    /// <summary>More than 64 KiB.</summary>
    TooLarge,

    /// <summary>A null value.</summary>
    Tombstone,

    /// <summary>The window that the reading belongs to is past retention.</summary>
    Expired,
}

public static class RejectReasons
{
    /// <returns>The reason as dead letters and metrics spell it: <c>not-json</c>, <c>no-sensor-id</c>, …</returns>
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
        _ => "none",
    };
}
