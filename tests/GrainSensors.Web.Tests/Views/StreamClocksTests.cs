using GrainSensors.Contracts.Cluster;
using GrainSensors.Core.Time;
using GrainSensors.Web.Views;

namespace GrainSensors.Web.Tests.Views;

/// <summary>Conditions follow the stream times of the partitions, which stand still in an outage.</summary>
public sealed class StreamClocksTests
{
    private static readonly DateTime Start = new(2026, 11, 30, 12, 0, 0, DateTimeKind.Utc);

    private readonly StreamClocks _clocks = new();

    [Fact]
    public void Time_is_watched_while_all_partitions_move_on()
    {
        Take(0, Partition(0, 0), Partition(1, 0));
        Take(1, Partition(0, 1), Partition(1, 1));
        Assert.Equal(1, Watched);
        Take(2, Partition(0, 2), Partition(1, 1));
        Assert.Equal(1, Watched);
        Take(3, Partition(0, 3));
        Assert.Equal(1, Watched);
        Take(4, Partition(0, 4), Partition(1, 2) with { IsReady = false });
        Assert.Equal(1, Watched);
        Take(6, Partition(0, 5), Partition(1, 3));
        Assert.Equal(3, Watched);
    }

    [Fact]
    public void A_partition_without_readings_holds_up_nothing_and_no_partition_at_all_does()
    {
        var empty = Partition(1, 0) with { StreamTime = null };
        Take(0, Partition(0, 0), empty);
        Take(1, Partition(0, 1), empty);
        Assert.Equal(1, Watched);
        Take(2);
        Assert.Equal(1, Watched);
    }

    [Fact]
    public void A_report_that_was_taken_before_counts_once()
    {
        Take(0, Partition(0, 0));
        Take(2, Partition(0, 2));
        Take(2, Partition(0, 2));
        Take(4, Partition(0, 4));
        Assert.Equal(4, Watched);
    }

    /// <summary>A rewind sets the stream time back, and a partition that moves has none at first.</summary>
    [Fact]
    public void The_time_of_a_partition_never_goes_back()
    {
        Take(0, Partition(0, 8));
        Take(1, Partition(0, 5));
        Take(2, Partition(0, 0) with { StreamTime = null });
        Assert.Equal(EpochTime.From(new DateTimeOffset(Start.AddSeconds(8))), _clocks.Of(0));
        Assert.Equal(EpochTime.Min, _clocks.Of(1));
    }

    private double Watched => _clocks.Watched / (double)EpochTime.MicrosPerSecond;

    private void Take(int second, params PartitionReport[] partitions) =>
        _clocks.Take(EpochTime.From(new DateTimeOffset(Start.AddSeconds(second))), partitions);

    private static PartitionReport Partition(int number, int second) =>
        new(number, true, 10, 10, Start, 0, 0, null, StreamTime: Start.AddSeconds(second));
}
