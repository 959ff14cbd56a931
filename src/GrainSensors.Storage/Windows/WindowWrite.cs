using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>A window to write, and the condition of the write.</summary>
/// <param name="Window">The window with its new row version.</param>
/// <param name="ExpectedVersion">The row version that the stored row must have; null if no row may exist.</param>
public sealed record WindowWrite(StoredWindow Window, long? ExpectedVersion);

/// <summary>The outcome of a write.</summary>
public enum WriteOutcome
{
    /// <summary>The write is pending.</summary>
    NotWritten = 0,

    /// <summary>The row is durable.</summary>
    Written,

    /// <summary>The stored row has another row version, or exists unexpectedly: the writer's copy is stale.</summary>
    Refused,
}

/// <summary>A window that is provisional or must be announced again.</summary>
public sealed record OpenWindow(WindowId Window, Marks Marks);
