namespace GrainSensors.Storage.Mqtt;

/// <summary>
/// Shares slots evenly among silos. Each silo computes the same shares from the same rows, keeps the slots that it has up to its share,
/// and takes free ones.
/// </summary>
internal static class SlotAssignment
{
    /// <param name="slots">All slots with their owners; an owner that is not a member has lost its lease.</param>
    /// <param name="members">The silos with a lease.</param>
    /// <param name="member">The silo that asks, one of the members.</param>
    /// <returns>The free slots that it takes, and those of its own that it is to release.</returns>
    public static (IReadOnlyList<int> Taken, IReadOnlyList<int> Surplus) Of(
        IReadOnlyCollection<(int Slot, Guid? Owner)> slots, IReadOnlyCollection<Guid> members, Guid member)
    {
        var owned = slots.Where(slot => slot.Owner is { } owner && members.Contains(owner))
            .ToLookup(slot => slot.Owner!.Value, slot => slot.Slot);
        var (share, rest) = Math.DivRem(slots.Count, members.Count);

        // The slots that do not divide go to those that have most: they keep what they have.
        var rank = members.OrderByDescending(one => owned[one].Count()).ThenBy(one => one).ToList().IndexOf(member);
        share += rank < rest ? 1 : 0;
        var mine = owned[member].Order().ToList();
        var free = slots.Where(slot => slot.Owner is not { } owner || !members.Contains(owner)).Select(slot => slot.Slot).Order();
        return ([.. free.Take(Math.Max(0, share - mine.Count))], [.. mine.Skip(share)]);
    }
}
