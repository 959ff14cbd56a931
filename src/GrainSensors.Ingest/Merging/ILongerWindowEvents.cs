using GrainSensors.Contracts.Windows;
using GrainSensors.Storage.Merging;

namespace GrainSensors.Ingest.Merging;

/// <summary>Announces merged windows to other applications.</summary>
internal interface ILongerWindowEvents
{
    /// <returns>A task that completes when the event of each measurement is durable in Kafka.</returns>
    /// <exception cref="WindowEventsException">At least one event is not durable; call again.</exception>
    Task AnnounceAsync(MergedWindow window);
}
