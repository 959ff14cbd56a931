using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>A window to write, and the condition of the write.</summary>
/// <param name="Window">The window with its new row version.</param>
/// <param name="ExpectedVersion">The row version that the stored row must have; null if no row may exist.</param>
/// <param name="Life">
/// The <see cref="IWindowStore.Life"/> that the store must have: a restore brings back old row versions, of which the writer's copy may
/// lack readings. Null: the window does not continue one that was read from the store.
/// </param>
public sealed record WindowWrite(StoredWindow Window, long? ExpectedVersion, Guid? Life = null);

/// <summary>The outcome of a write.</summary>
public enum WriteOutcome
{
    /// <summary>The write is pending.</summary>
    NotWritten = 0,

    /// <summary>The row is durable.</summary>
    Written,

    /// <summary>
    /// The stored row has another row version, or exists unexpectedly, or the store has another life: the writer's copy is stale.
    /// </summary>
    Refused,
}

/// <summary>A window that is provisional or must be announced again.</summary>
public sealed record OpenWindow(WindowId Window, Marks Marks);
