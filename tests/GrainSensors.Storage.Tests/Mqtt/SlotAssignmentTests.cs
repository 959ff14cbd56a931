using CsCheck;
using GrainSensors.Storage.Mqtt;

namespace GrainSensors.Storage.Tests.Mqtt;

public sealed class SlotAssignmentTests
{
    private static readonly Guid[] Silos = [.. Enumerable.Range(1, 6).Select(n => new Guid(n, 0, 0, new byte[8]))];

    [Fact]
    public void Silos_that_come_and_go_share_all_slots_evenly_and_never_two_have_one() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, (1 << 6) - 1].Array[1, 20]).Sample((count, memberships) =>
        {
            var slots = Enumerable.Range(0, count).ToDictionary(slot => slot, _ => (Guid?)null);
            foreach (var membership in memberships)
            {
                var members = Silos.Where((_, index) => (membership & (1 << index)) != 0).ToHashSet();
                if (members.Count == 0)
                {
                    continue;
                }

                // Each silo renews a few times, in any order; a surplus is released before another silo takes it.
                for (var round = 0; round < 3; round++)
                {
                    Renew(slots, members);
                }

                var shares = members.Select(member => slots.Values.Count(owner => owner == member)).ToList();
                Assert.Equal(count, shares.Sum());
                Assert.InRange(shares.Max() - shares.Min(), 0, 1);
            }
        });

    [Fact]
    public void A_silo_keeps_what_it_has_when_another_one_leaves()
    {
        (int, Guid?)[] slots = [(0, Silos[0]), (1, Silos[1]), (2, Silos[2]), (3, Silos[0])];
        var (taken, surplus) = SlotAssignment.Of(slots, [Silos[0], Silos[1]], Silos[0]);
        Assert.Empty(taken);
        Assert.Empty(surplus);
        Assert.Equal([2], SlotAssignment.Of(slots, [Silos[0], Silos[1]], Silos[1]).Taken);
    }

    [Fact]
    public void A_silo_beyond_the_number_of_slots_has_none()
    {
        var (taken, surplus) = SlotAssignment.Of([(0, Silos[1])], [Silos[0], Silos[1]], Silos[0]);
        Assert.Empty(taken);
        Assert.Empty(surplus);
    }

    private static void Renew(Dictionary<int, Guid?> slots, HashSet<Guid> members)
    {
        foreach (var member in members)
        {
            var (taken, surplus) = SlotAssignment.Of([.. slots.Select(slot => (slot.Key, slot.Value))], members, member);
            foreach (var slot in taken)
            {
                Assert.False(slots[slot] is { } owner && members.Contains(owner));
                slots[slot] = member;
            }

            foreach (var slot in surplus)
            {
                Assert.Equal(member, slots[slot]);
                slots[slot] = null;
            }
        }
    }
}
