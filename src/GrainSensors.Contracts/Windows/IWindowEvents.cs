using GrainSensors.Core.Windows;

namespace GrainSensors.Contracts.Windows;

/// <summary>The port through which closed windows are announced to other applications.</summary>
public interface IWindowEvents
{
    /// <summary>Announces rows that are about to become final.</summary>
    /// <remarks>The same row may be announced again: sensor, measurement, window and revision identify its event.</remarks>
    /// <returns>A task that completes when all events are durable in Kafka.</returns>
    /// <exception cref="WindowEventsException">At least one event is not durable; call again.</exception>
    Task AnnounceAsync(IReadOnlyList<WindowRow> rows);
}

/// <summary>Announcing closed windows failed; the message states the cause.</summary>
public sealed class WindowEventsException(string message) : Exception(message);
