using System.Text;
using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Streams;

/// <summary>Messages that the format of their topic cannot read.</summary>
[Trait("Category", "System")]
public sealed class UnreadableTests
{
    [Fact]
    public async Task What_no_retry_can_read_is_a_dead_letter_at_once_and_holds_nothing_up()
    {
        await using var cluster = await StreamCluster.StartAsync(
            partitions: 1, configureAgents: agents => agents.MaxEventDeliveryTime = TimeSpan.FromMinutes(10));
        byte[][] unreadable = [[0, 0, 0, 0, 5, 14, 0x80], "not json"u8.ToArray(), [], """{"number":"x"}"""u8.ToArray(), "[1]"u8.ToArray()];
        await cluster.SendAsync("json", "501", """{"number":0}""");
        await cluster.SendAsync("json", "501", (byte[]?)null);
        foreach (var value in unreadable)
        {
            await cluster.SendAsync("json", "501", value);
        }

        await cluster.SendAsync("json", "501", [0xEF, 0xBB, 0xBF, .. """{"number":1}"""u8]);
        await cluster.SendAsync("json", "501", """{"number":2}""");

        await cluster.Journal.UntilAllAsync("501", 3);
        Assert.Equal([0, 1, 2], cluster.Journal.Of("501").Distinct());
        await Until.Async(
            () => cluster.Committed("json", 1)[0] == unreadable.Length + 4,
            () => $"{cluster.Committed("json", 1)[0]}",
            TimeSpan.FromSeconds(20));
        var letters = cluster.Messages("dlq", 1);
        Assert.Equal(unreadable, letters.Select(letter => letter.Message.Value!));
        Assert.All(letters, letter => Assert.Contains(
            "Json", Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes("error.type")), StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_the_other_policy_the_partition_stops_there()
    {
        await using var cluster = await StreamCluster.StartAsync(
            partitions: 1,
            configure: options => options.FailurePolicy = KafkaFailurePolicy.StopPartition,
            configureAgents: agents => agents.MaxEventDeliveryTime = TimeSpan.FromMilliseconds(500));
        await cluster.SendAsync("json", "1", "{");

        await Until.Async(
            () => cluster.Caches.Single().Any(cache => cache.IsStopped), () => "nothing is stopped", TimeSpan.FromSeconds(20));
        Assert.Empty(cluster.Messages("dlq", 1));
    }
}
