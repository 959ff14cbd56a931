using GrainSensors.Core.Windows;
using GrainSensors.Storage.Versions;

namespace GrainSensors.Storage.Tests;

/// <summary>What messages meant, by offset.</summary>
public abstract partial class WindowStoreTests
{
    [Fact]
    public async Task A_version_of_a_source_is_added_when_its_meaning_changes_or_its_messages_are_read_again()
    {
        var source = new SourceId(Guid.NewGuid(), 3);
        MessageVersion[] added =
        [
            new(0, 0, "a"), new(10, 20, "a"), new(10, 20, "b"), new(10, 30, "b"), new(30, 40, "a"), new(29, 50, "a"),
        ];

        foreach (var version in added)
        {
            await Store.MessageVersions.AddAsync(source, version, null, Stop);
        }

        await Store.MessageVersions.BeginAsync(source with { Partition = 2 }, new(5, 5, "b"), Stop);
        await Store.MessageVersions.AddAsync(source with { TopicId = Guid.NewGuid() }, new(7, 7, "b"), null, Stop);
        Assert.Equal(
            [(2, new(5, 5, "b")), (3, added[0]), (3, added[2]), (3, added[4]), (3, added[5])],
            await Store.MessageVersions.ReadAsync(source.TopicId, Stop));
    }

    [Fact]
    public async Task The_first_version_of_a_source_with_a_checkpoint_counts_from_the_beginning_and_only_the_owner_adds_one()
    {
        var source = new SourceId(Guid.NewGuid(), 3);
        var checkpoint = new Checkpoint(source, 40, 0, long.MaxValue) { Token = 7, Life = await Store.ReadLifeAsync(Stop) };
        Assert.True(await Store.WriteCheckpointAsync(checkpoint, Stop));

        await Store.MessageVersions.BeginAsync(source, new(40, 40, "a"), Stop);
        await Store.MessageVersions.AddAsync(source, new(40, 50, "a"), 8, Stop);
        Assert.Empty(await Store.MessageVersions.ReadAsync(source.TopicId, Stop));

        await Store.MessageVersions.AddAsync(source, new(40, 50, "a"), 7, Stop);
        Assert.Equal([(3, new(0, 0, "a"))], await Store.MessageVersions.ReadAsync(source.TopicId, Stop));
    }

    [Fact]
    public async Task While_a_source_has_no_checkpoint_its_version_begins_anew()
    {
        var source = new SourceId(Guid.NewGuid(), 3);

        await Store.MessageVersions.BeginAsync(source, new(40, 40, "a"), Stop);
        await Store.MessageVersions.BeginAsync(source, new(45, 45, "a"), Stop);

        Assert.Equal([(3, new(45, 45, "a"))], await Store.MessageVersions.ReadAsync(source.TopicId, Stop));
    }
}
