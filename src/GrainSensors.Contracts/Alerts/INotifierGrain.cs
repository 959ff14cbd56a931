namespace GrainSensors.Contracts.Alerts;

/// <summary>Tells a receiver outside of the cluster of alerts; one for the whole cluster. Key: 0.</summary>
[Alias("GrainSensors.INotifierGrain")]
public interface INotifierGrain : IGrainWithIntegerKey
{
    /// <summary>Begins to tell, or goes on. To be called now and then: a notifier whose silo died begins again with the next call.</summary>
    [Alias("Start")]
    Task Start();
}
