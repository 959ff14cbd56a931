using GrainSensors.Core.Windows;

namespace GrainSensors.Contracts.Windows;

/// <summary>The port through which closed windows are announced to other applications.</summary>
public interface IWindowEvents
{
    /// <summary>
    /// Announces rows as they are about to become final. May be called again with the same ones: who reads the events knows
    /// them by sensor, metric, window and revision.
    /// </summary>
    /// <returns>When all are durable where they were announced.</returns>
    /// <exception cref="WindowEventsException">At least one is not; ask again.</exception>
    Task AnnounceAsync(IReadOnlyList<WindowRow> rows);
}

/// <summary>Closed windows could not be announced; the message says why.</summary>
public sealed class WindowEventsException(string message) : Exception(message);
