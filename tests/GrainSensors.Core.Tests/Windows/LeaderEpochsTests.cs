using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Windows;

public sealed class LeaderEpochsTests
{
    private static readonly SourceId Source = new(Guid.NewGuid(), 3);

    [Fact]
    public void An_epoch_goes_on_until_another_begins()
    {
        var epochs = LeaderEpochs.None.Begin(0, 2).Begin(100, 2).Begin(100, 5);
        Assert.Equal([new(0, 2, 2), new(100, 5, 5)], epochs.Entries);
        Assert.Equal((2, 5), (epochs.EpochAt(99), epochs.EpochAt(100)));
        Assert.Equal((100L, long.MaxValue), (epochs.NextAfter(99), epochs.NextAfter(100)));
        Assert.Equal((LeaderEpochs.Undecided, 0), (LeaderEpochs.None.EpochAt(7), LeaderEpochs.None.IncarnationAt(7)));
    }

    [Fact]
    public void A_truncation_begins_an_incarnation_that_was_never_there()
    {
        var epochs = LeaderEpochs.None.Begin(0, 2).Begin(100, 5).Truncate(50, 7);
        Assert.Equal([new(0, 2, 2), new(50, 7, 7)], epochs.Entries);

        // Without epochs, and with epochs that return.
        epochs = LeaderEpochs.None.Begin(0, LeaderEpochs.Unknown).Truncate(50, LeaderEpochs.Unknown).Truncate(0, 0);
        Assert.Equal([new(0, 0, 2)], epochs.Entries);
        Assert.Equal([new(0, 0, 6), new(10, 1, 7)], LeaderEpochs.None.Begin(0, 5).Truncate(0, 0).Begin(10, 1).Entries);
    }

    [Fact]
    public void An_incarnation_is_its_epoch_whatever_was_known_before()
    {
        Assert.Equal(7, LeaderEpochs.None.Begin(50, 7).IncarnationAt(50));
        Assert.Equal(7, LeaderEpochs.BeforeEpochs(50).Begin(50, 7).IncarnationAt(50));
        Assert.Equal(7, LeaderEpochs.None.Begin(0, 2).Truncate(40, LeaderEpochs.Undecided).Begin(50, 7).IncarnationAt(50));
    }

    [Fact]
    public void A_mark_of_an_older_incarnation_counts_below_the_next_one_only()
    {
        var epochs = LeaderEpochs.None.Begin(0, 2).Truncate(50, 7);
        Assert.False(epochs.IsTruncated(new(Source with { Incarnation = 2 }, 49)));
        Assert.True(epochs.IsTruncated(new(Source with { Incarnation = 2 }, 50)));
        Assert.True(epochs.IsTruncated(new(Source, 50)));
        Assert.False(epochs.IsTruncated(new(Source with { Incarnation = 7 }, 50)));
        Assert.Equal(
            [new(Source with { Incarnation = 2 }, 49), new(Source with { Incarnation = 7 }, 79)], epochs.MarksBelow(Source, 80));
        Assert.Equal([new(Source with { Incarnation = 2 }, 29)], epochs.MarksBelow(Source, 30));
        Assert.Equal([new(Source, 29)], LeaderEpochs.None.MarksBelow(Source, 30));
        Assert.Empty(LeaderEpochs.None.MarksBelow(Source, 0));
    }

    [Fact]
    public void The_last_epochs_are_kept()
    {
        var epochs = Enumerable.Range(0, 100).Aggregate(LeaderEpochs.None, (all, epoch) => all.Begin(epoch * 10, epoch));
        Assert.Equal(32, epochs.Entries.Count);
        Assert.Equal((99, LeaderEpochs.Undecided), (epochs.EpochAt(5000), epochs.EpochAt(0)));
    }

    [Fact]
    public void The_text_reads_back()
    {
        var epochs = LeaderEpochs.BeforeEpochs(40).Begin(40, 7).Truncate(30, LeaderEpochs.Undecided);
        Assert.Equal("0:-1:0 30:-2:7", epochs.ToString());
        Assert.Equal(epochs.Entries, LeaderEpochs.Parse(epochs.ToString()).Entries);
        Assert.Empty(LeaderEpochs.Parse("").Entries);
        Assert.Throws<FormatException>(() => LeaderEpochs.Parse("0:1"));
    }
}
