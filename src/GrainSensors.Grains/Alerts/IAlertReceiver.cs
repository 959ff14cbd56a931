using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>A receiver of alerts outside of the cluster.</summary>
public interface IAlertReceiver
{
    /// <summary>The key of the grain that notifies it.</summary>
    long Key { get; }

    /// <summary>Its name and address in logs, without secrets.</summary>
    string Description { get; }

    /// <summary>The time after which open alerts are sent again.</summary>
    TimeSpan RepeatInterval { get; }

    /// <summary>Whether it is told of each alert that clears, also of one that it may not have been told of as open.</summary>
    bool TakesEachClearing { get; }

    /// <param name="alerts">Alerts as they are now; one may be sent again.</param>
    /// <exception cref="AlertDeliveryException">The receiver has failed; it may have some of the alerts.</exception>
    Task SendAsync(IReadOnlyCollection<Alert> alerts, CancellationToken cancellationToken);

    /// <summary>Continues what the receiver does in the background; the notifier calls it about every second.</summary>
    /// <returns>A task that completes soon.</returns>
    Task ContinueAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
