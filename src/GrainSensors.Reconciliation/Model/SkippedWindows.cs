namespace GrainSensors.Reconciliation.Model;

/// <summary>Rows that a run did not compare, or not wholly, for one reason.</summary>
/// <param name="FirstStart">Start of the earliest window, µs since the epoch.</param>
/// <param name="LastStart">Start of the latest window, µs since the epoch.</param>
public sealed record SkippedWindows(SkipReason Reason, long Rows, long FirstStart, long LastStart);

/// <summary>Why a run did not compare a row.</summary>
public enum SkipReason
{
    /// <summary>The window has not closed yet.</summary>
    Open = 0,

    /// <summary>The row holds readings from beyond the end of the run.</summary>
    ModifiedSince,

    /// <summary>The log no longer holds every reading of the window.</summary>
    BeyondLog,

    /// <summary>The row comes from a topic that is not read or an unconfigured measurement, or retention may have removed it.</summary>
    NotOurs,

    /// <summary>The window has a message that was read while its configuration changed.</summary>
    Ambiguous,

    /// <summary>The row was compared, but it has no sketch of its values, so its percentiles are not known.</summary>
    NoPercentiles,
}
