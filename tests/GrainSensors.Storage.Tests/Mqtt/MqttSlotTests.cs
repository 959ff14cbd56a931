using GrainSensors.Storage.Mqtt;

namespace GrainSensors.Storage.Tests.Mqtt;

/// <summary>The contract of the tables of MQTT sessions, tested on each database.</summary>
public abstract class MqttSlotTests : IAsyncLifetime
{
    private const string Broker = "mqtt";
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly Guid One = Guid.NewGuid();
    private static readonly Guid Two = Guid.NewGuid();
    private IStore? _store;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IMqttSlots Slots => _store!.MqttSlots;

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        await _store.PrepareAsync(Stop);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _store!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_silo_takes_all_slots_and_gives_half_of_them_to_another_one()
    {
        Assert.Equal([0, 1, 2, 3], Indexes(await RenewAsync(One)));
        Assert.Empty(Indexes(await RenewAsync(Two)));
        var share = await RenewAsync(One);
        Assert.Equal([2, 3], share.Surplus.Order());
        Assert.Equal(2, share.Members);
        await Slots.ReleaseAsync(Broker, One, 3, Stop);
        Assert.Equal([3], Indexes(await RenewAsync(Two)));
        Assert.Equal([0, 1, 2], Indexes(await RenewAsync(One)));
    }

    [Fact]
    public async Task The_slots_of_a_silo_without_a_lease_are_free_and_lost_for_it()
    {
        await RenewAsync(One, TimeSpan.FromMicroseconds(1));
        var filters = await RenewAsync(Two);
        Assert.Equal([0, 1, 2, 3], Indexes(filters));
        Assert.False(await Slots.SetFiltersAsync(Broker, One, 0, ["a"], Stop));
        await Slots.ReleaseAsync(Broker, One, 0, Stop);
        await Slots.DeleteAsync(Broker, One, 1, Stop);
        Assert.Equal([0, 1, 2, 3], Indexes(await RenewAsync(Two)));
    }

    [Fact]
    public async Task A_silo_that_leaves_frees_its_slots_at_once_and_the_heir_gets_their_filters()
    {
        await RenewAsync(One);
        Assert.True(await Slots.SetFiltersAsync(Broker, One, 2, ["sensors/#", "$share/g/é"], Stop));
        await Slots.LeaveAsync(Broker, One, Stop);
        var share = await RenewAsync(Two);
        Assert.Equal(1, share.Members);
        Assert.Equal(["sensors/#", "$share/g/é"], share.Owned[2].Filters);
        Assert.Empty(share.Owned[0].Filters);
    }

    [Fact]
    public async Task Brokers_have_slots_of_their_own_and_a_deleted_slot_is_gone()
    {
        await RenewAsync(One);
        Assert.Equal([0], Indexes(await Slots.RenewAsync("other", Two, 1, Lease, Stop)));
        await Slots.DeleteAsync(Broker, One, 3, Stop);
        Assert.Equal([0, 1, 2], Indexes(await Slots.RenewAsync(Broker, One, 2, Lease, Stop)));
    }

    protected abstract Task<IStore> OpenAsync();

    private static IEnumerable<int> Indexes(MqttSlotShare share) => share.Owned.Select(slot => slot.Index);

    private Task<MqttSlotShare> RenewAsync(Guid silo, TimeSpan? lease = null) => Slots.RenewAsync(Broker, silo, 4, lease ?? Lease, Stop);
}
