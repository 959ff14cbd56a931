using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Mqtt;

/// <summary>
/// The tables <c>mqtt_members</c> and <c>mqtt_slots</c>: which silo uses which persistent session of an MQTT broker. A silo holds a lease
/// and renews it; the slots of a silo whose lease has ended are free.
/// </summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IMqttSlots
{
    /// <summary>Renews the lease of a silo, and takes free slots for it up to its share.</summary>
    /// <param name="broker">The name of the broker.</param>
    /// <param name="member">The silo.</param>
    /// <param name="count">The number of slots; missing ones are created, and further ones stay until they are deleted.</param>
    Task<MqttSlotShare> RenewAsync(string broker, Guid member, int count, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Records the subscriptions of the session, if the silo owns the slot.</summary>
    Task<bool> SetFiltersAsync(
        string broker, Guid member, int slot, IReadOnlyList<string> filters, CancellationToken cancellationToken);

    /// <summary>Frees a slot that the silo owns.</summary>
    Task ReleaseAsync(string broker, Guid member, int slot, CancellationToken cancellationToken);

    /// <summary>Deletes a slot that the silo owns and whose session has ended.</summary>
    Task DeleteAsync(string broker, Guid member, int slot, CancellationToken cancellationToken);

    /// <summary>Frees all slots of the silo and ends its lease.</summary>
    Task LeaveAsync(string broker, Guid member, CancellationToken cancellationToken);
}

/// <summary>A slot that a silo owns.</summary>
/// <param name="Filters">The subscriptions of the session, as far as they are known.</param>
public sealed record MqttSlot(int Index, IReadOnlyList<string> Filters);

/// <summary>The slots of a silo.</summary>
/// <param name="Owned">Sorted by index.</param>
/// <param name="Surplus">Those of the owned slots that the silo is to release, since other silos have too few.</param>
/// <param name="Members">The number of silos with a lease.</param>
public sealed record MqttSlotShare(IReadOnlyList<MqttSlot> Owned, IReadOnlySet<int> Surplus, int Members);
