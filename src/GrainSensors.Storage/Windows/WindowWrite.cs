using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>A row to write, and the condition to write it on.</summary>
/// <param name="Row">With its new token.</param>
/// <param name="ExpectedVersion">The token that the stored row must hold; null: there must be no row.</param>
public sealed record WindowWrite(WindowRow Row, long? ExpectedVersion);

/// <summary>What became of a write.</summary>
public enum WriteOutcome
{
    /// <summary>Neither written nor refused; still to do.</summary>
    NotWritten = 0,

    /// <summary>Durable.</summary>
    Written,

    /// <summary>Another token (or any row where none was expected) stands there: the writer's copy is stale.</summary>
    Refused,
}

/// <summary>A window with a row that is not final.</summary>
/// <param name="Marks">The marks of all its rows together.</param>
public sealed record OpenWindow(WindowId Window, Marks Marks);
