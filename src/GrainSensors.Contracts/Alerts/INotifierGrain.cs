using Orleans.CodeGeneration;

namespace GrainSensors.Contracts.Alerts;

/// <summary>Notifies a receiver outside the cluster of alerts. One grain serves the cluster; its key is that of the receiver, 0 for the webhook.</summary>
[Alias("GrainSensors.INotifierGrain"), Version(1)]
public interface INotifierGrain : IGrainWithIntegerKey
{
    /// <summary>Starts the notifier, or keeps it running.</summary>
    /// <remarks>Callers repeat the call regularly, because a notifier whose silo died starts again with the next call.</remarks>
    [Alias("Start")]
    Task Start();
}
