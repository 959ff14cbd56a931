namespace GrainSensors.Sources.Configuration;

/// <summary>The unit of a number that is a time since 1970-01-01T00:00:00Z.</summary>
public enum TimeUnit
{
    /// <summary>Seconds, above 10¹¹ milliseconds.</summary>
    Auto,

    /// <summary>Seconds.</summary>
    S,

    /// <summary>Milliseconds.</summary>
    Ms,

    /// <summary>Microseconds.</summary>
    Us,

    /// <summary>Nanoseconds.</summary>
    Ns,
}
