using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>Refusals of a window store.</summary>
public abstract partial class WindowStoreTests
{
    [Fact]
    public async Task Refusals_stay_until_a_checkpoint_removes_them()
    {
        var life = await Store.ReadLifeAsync(Stop);
        var first = new Checkpoint(Source, 100, Start, Start) { Token = 1, Life = life, JudgedFrom = Start + 1 };
        await Store.WriteCheckpointAsync(first, Stop);
        Refusal[] refusals =
        [
            new(105, 0, RejectReason.InvalidTimestamp, Start + 7), new(105, 1, RejectReason.Expired, Start),
            new(110, 0, RejectReason.Expired, Start),
        ];
        var other = Source with { Incarnation = Source.Incarnation + 1 };
        Assert.True(await Store.WriteRefusalsAsync(Source, refusals[..2], [5, 1], life, Stop));
        Assert.True(await Store.WriteRefusalsAsync(Source, refusals, [1], life, Stop));
        Assert.True(await Store.WriteRefusalsAsync(other, [refusals[2]], [1], life, Stop));
        Assert.Equal(refusals, await ReadAsync(Source));
        Assert.Equal([refusals[2]], await ReadAsync(other));
        Assert.Empty(await ReadAsync(Source with { Partition = 4 }));

        Assert.True(await Store.WriteCheckpointAsync(first with { NextOffset = 107, Token = 2, Replaces = [1] }, Stop));
        Assert.Equal(refusals, await ReadAsync(Source));
        var removing = first with { NextOffset = 108, Token = 3, RemovesRefusalsBelow = 107 };
        Assert.False(await Store.WriteCheckpointAsync(removing with { Replaces = [1] }, Stop));
        Assert.Equal(refusals, await ReadAsync(Source));
        Assert.True(await Store.WriteCheckpointAsync(removing with { Replaces = [2] }, Stop));
        Assert.Equal([refusals[2]], await ReadAsync(Source));
        Assert.Empty(await ReadAsync(other));

        async Task<IEnumerable<Refusal>> ReadAsync(SourceId source) =>
            (await Store.ReadRefusalsAsync(source, Stop)).OrderBy(refusal => (refusal.Offset, refusal.Index));
    }

    [Fact]
    public async Task Refusals_are_stored_for_the_owner_of_the_checkpoint_only()
    {
        var life = await Store.ReadLifeAsync(Stop);
        Refusal[] refusals = [new(105, 0, RejectReason.Expired, Start)];
        Assert.False(await Store.WriteRefusalsAsync(Source, refusals, [0, 1], life, Stop));
        await Store.WriteCheckpointAsync(new(Source, 100, Start, Start) { Token = 1, Life = life }, Stop);

        Assert.False(await Store.WriteRefusalsAsync(Source, refusals, [2, 3], life, Stop));
        Assert.False(await Store.WriteRefusalsAsync(Source, refusals, [1], Guid.NewGuid(), Stop));
        Assert.False(await Store.WriteRefusalsAsync(Source with { Partition = 4 }, refusals, [1], life, Stop));
        Assert.Empty(await Store.ReadRefusalsAsync(Source, Stop));
        Assert.False(await Store.WriteRefusalsAsync(Source, [], [2], life, Stop));
        Assert.True(await Store.WriteRefusalsAsync(Source, [], [1], life, Stop));
    }
}
