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
            await Store.MessageVersions.AddAsync(source, version, Stop);
        }

        await Store.MessageVersions.AddAsync(source with { Partition = 2 }, new(5, 5, "b"), Stop);
        await Store.MessageVersions.AddAsync(source with { TopicId = Guid.NewGuid() }, new(7, 7, "b"), Stop);
        Assert.Equal(
            [(2, new(5, 5, "b")), (3, added[0]), (3, added[2]), (3, added[4]), (3, added[5])],
            await Store.MessageVersions.ReadAsync(source.TopicId, Stop));
    }
}
