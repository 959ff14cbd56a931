using GrainSensors.Storage.Mqtt;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Mqtt.Tests.Fixtures;

/// <summary>A table of slots that a silo can lose the connection to.</summary>
internal sealed class CuttableSlots(IMqttSlots slots) : IMqttSlots
{
    public volatile bool IsCut;

    public Task<MqttSlotShare> RenewAsync(string broker, Guid member, int count, TimeSpan lease, CancellationToken cancellationToken) =>
        Reach().RenewAsync(broker, member, count, lease, cancellationToken);

    public Task<bool> SetFiltersAsync(
        string broker, Guid member, int slot, IReadOnlyList<string> filters, CancellationToken cancellationToken) =>
        Reach().SetFiltersAsync(broker, member, slot, filters, cancellationToken);

    public Task ReleaseAsync(string broker, Guid member, int slot, CancellationToken cancellationToken) =>
        Reach().ReleaseAsync(broker, member, slot, cancellationToken);

    public Task DeleteAsync(string broker, Guid member, int slot, CancellationToken cancellationToken) =>
        Reach().DeleteAsync(broker, member, slot, cancellationToken);

    public Task LeaveAsync(string broker, Guid member, CancellationToken cancellationToken) =>
        Reach().LeaveAsync(broker, member, cancellationToken);

    private IMqttSlots Reach() => IsCut ? throw new WindowStoreUnavailableException("The database is away.") : slots;
}
