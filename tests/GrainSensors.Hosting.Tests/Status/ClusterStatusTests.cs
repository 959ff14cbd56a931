using GrainSensors.Contracts.Cluster;
using GrainSensors.Hosting.Status;

namespace GrainSensors.Hosting.Tests.Status;

/// <summary>The status of a cluster says what is unknown, and since when windows are not written.</summary>
public sealed class ClusterStatusTests
{
    private const string Reason = "The window store postgres:db is read-only.";

    private static readonly DateTime Now = new(2026, 11, 29, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void The_lag_is_the_sum_of_all_partitions() => Assert.Equal(7, Of(Silo([Partition(0, 3), Partition(1, 4)])).Lag);

    [Fact]
    public void The_lag_is_unknown_while_a_partition_has_no_owner()
    {
        var status = Of(Silo([Partition(0, 3)]));
        Assert.Null(status.Lag);
        Assert.Equal([3, null], status.Partitions.Select(line => line.Lag));
        Assert.Equal("no owner", status.Partitions[1].State);
    }

    [Fact]
    public void The_lag_is_unknown_while_a_partition_starts() =>
        Assert.Null(Of(Silo([Partition(0, 3), Partition(1, 0) with { IsReady = false }])).Lag);

    [Fact]
    public void The_lag_is_unknown_while_a_silo_does_not_answer() =>
        Assert.Null(Of(Silo([Partition(0, 3)]), SiloReport.WithoutAnswer("b", "Active", "no answer within 3 s")).Lag);

    [Fact]
    public void The_lag_is_unknown_before_the_topic_is_known() => Assert.Null(Of(Silo([]) with { TopicPartitions = 0 }).Lag);

    [Fact]
    public void A_partition_of_a_source_that_nobody_reads_is_no_healthy_cluster()
    {
        var silo = Silo([Partition(0, 3), Partition(1, 4), Partition(0, 5) with { SourceTopic = "devices" }]);
        Assert.True(Of(silo with { SourceTopics = new() { ["devices"] = 1 } }).IsHealthy);

        var status = Of(silo with { SourceTopics = new() { ["devices"] = 2 } }, Silo([]) with { SourceTopics = new() { ["devices"] = 2 } });

        Assert.False(status.IsHealthy);
        Assert.Equal(["0", "1", "devices-0", "devices-1"], status.Partitions.Select(line => line.Name));
        Assert.Equal("no owner", status.Partitions[3].State);
    }

    [Fact]
    public void The_longest_trouble_of_the_store_Kafka_or_a_partition_is_the_outage()
    {
        var healthy = Silo([Partition(0, 3), Partition(1, 4)]);
        Assert.Null(Of(healthy).WriteOutage);
        Assert.Null(Of(Silo([Partition(0, 3) with { Trouble = Reason, StalledSince = Now.AddSeconds(-4) }, Partition(1, 4)])).WriteOutage);
        var stalled = Silo([Partition(0, 3) with { Trouble = Reason, StalledSince = Now.AddSeconds(-20) }, Partition(1, 4)]);
        Assert.Equal(new(Now.AddSeconds(-20), Reason), Of(stalled).WriteOutage);
        var away = healthy with { PostgresTrouble = "away", PostgresTroubleSince = Now.AddSeconds(-30) };
        Assert.Equal(new(Now.AddSeconds(-30), "away"), Of(stalled, away).WriteOutage);
        var unread = healthy with { KafkaTrouble = "Kafka is away", KafkaTroubleSince = Now.AddSeconds(-40) };
        Assert.Equal(new(Now.AddSeconds(-40), "Kafka is away"), Of(stalled, away, unread).WriteOutage);
    }

    private static ClusterStatus Of(params SiloReport[] silos) => ClusterStatus.From("cluster", "postgres:db", silos, Now);

    private static SiloReport Silo(PartitionReport[] partitions) =>
        new("a", "a", nameof(SiloStatus.Active), "1", Now, null, "kafka", "sensor-data", 2, partitions, default, null, null);

    private static PartitionReport Partition(int number, long lag) => new(number, true, 10, 10, Now, lag, 0, null);
}
