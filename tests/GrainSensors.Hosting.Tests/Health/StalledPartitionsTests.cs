using GrainSensors.Core.Time;
using GrainSensors.Hosting.Health;
using GrainSensors.Ingest.Status;

namespace GrainSensors.Hosting.Tests.Health;

/// <summary>When failing checkpoints make a silo not ready.</summary>
public sealed class StalledPartitionsTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly long Now = EpochTime.From(DateTimeOffset.UnixEpoch.AddYears(56));

    [Fact]
    public void A_partition_may_miss_less_than_three_checkpoints() =>
        Assert.Null(StalledPartitions.Describe(Status(null, 14.9), Interval, Now));

    [Fact]
    public void The_reason_names_the_partitions_the_time_and_the_oldest_error() => Assert.Equal(
        "no checkpoint of partitions 1, 3 for 23 s: The window store x is full, 23.",
        StalledPartitions.Describe(Status(null, 15, 3, 23), Interval, Now));

    [Fact]
    public void A_partition_that_is_written_again_is_forgotten() =>
        Assert.Null(StalledPartitions.Describe(Status(null, null), Interval, Now));

    private static IngestStatus Status(params double?[] stalledFor) => new(
        IngestTotals.None,
        [.. stalledFor.Select((seconds, i) => new PartitionStatus(
            i, true, 0, 0, 0, 0, 0, 0, 0,
            seconds is null ? null : $"The window store x is full, {seconds}.",
            seconds is { } given ? Now - EpochTime.From(TimeSpan.FromSeconds(given)) : null))]);
}
