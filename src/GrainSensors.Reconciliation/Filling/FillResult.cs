namespace GrainSensors.Reconciliation.Filling;

/// <summary>The result of a fill. Each number counts measurements of windows.</summary>
/// <param name="Range">The starts of the first and of the last window that lacked a statistic, µs since the epoch; null: none did.</param>
/// <param name="Filled">Those that were filled; in a dry run, those that can be.</param>
/// <param name="Unfilled">Those that stay unknown, by reason.</param>
public sealed record FillResult((long First, long Last)? Range, long Filled, IReadOnlyList<UnfilledWindows> Unfilled)
{
    public long NotFilled => Unfilled.Sum(unfilled => unfilled.Count);

    public long Missing => Filled + NotFilled;
}

/// <summary>Measurements of windows that stay unknown for one reason.</summary>
/// <param name="FirstStart">Start of the earliest window, µs since the epoch.</param>
/// <param name="LastStart">Start of the latest window, µs since the epoch.</param>
public sealed record UnfilledWindows(UnfilledReason Reason, long Count, long FirstStart, long LastStart);

/// <summary>Why a window stays unknown.</summary>
public enum UnfilledReason
{
    /// <summary>The log no longer holds every reading of the window.</summary>
    BeyondLog,

    /// <summary>The readings in the log have other statistics than the row.</summary>
    Differs,

    /// <summary>The window changed during the run, or a silo still has to announce it.</summary>
    Changed,

    /// <summary>The row was counted without deduplication, and the engine deduplicates.</summary>
    OtherSteps,

    /// <summary>The row comes from a topic that is not read, or from a measurement that the log does not give.</summary>
    NotOurs,

    /// <summary>The window has a message that was read while its configuration changed.</summary>
    Ambiguous,
}
