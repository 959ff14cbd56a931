using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Streaming.Kafka.Internals.Health;

namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>What a health check says of the partitions of a silo.</summary>
public sealed class HealthTests : CacheFixture
{
    private readonly KafkaStreamHealthCheck _check = new(new ServiceCollection().BuildServiceProvider(), "Kafka");

    [Fact]
    public async Task A_provider_that_has_not_started_is_unhealthy()
    {
        var result = await _check.CheckHealthAsync(new(), TestContext.Current.CancellationToken);

        Assert.Equal((HealthStatus.Unhealthy, "The stream provider \"Kafka\" has not started."), (result.Status, result.Description));
    }

    [Fact]
    public void A_reader_that_asks_for_nothing_is_unhealthy()
    {
        Assert.Equal(HealthStatus.Healthy, _check.Check(TimeSpan.FromSeconds(1), []).Status);
        Assert.Equal(HealthStatus.Healthy, _check.Check(null, []).Status);
        var result = _check.Check(TimeSpan.FromSeconds(40), []);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Contains("read nothing from Kafka for 40 s", result.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_that_is_stopped_or_commits_nothing_is_degraded_and_the_lag_is_told()
    {
        var cache = Cache(options => options.FailurePolicy = KafkaFailurePolicy.StopPartition);
        using var cursor = cache.Open(Stream("a"), Token(0));
        Add(cache, "a", "a");
        cache.FindEnd = () => 5;
        cursor.MoveNext();
        Purge(cache);
        Assert.Equal(HealthStatus.Healthy, _check.Check(TimeSpan.Zero, [cache]).Status);

        Clock.Advance(TimeSpan.FromMinutes(11));
        var late = _check.Check(TimeSpan.Zero, [cache]);
        Assert.Equal((HealthStatus.Degraded, 5L), (late.Status, late.Data["lag"]));
        Assert.Contains("undelivered for more than 10 min in: topic [0]", late.Description, StringComparison.Ordinal);

        FailForGood(cursor);
        cursor.MoveNext();
        var stopped = _check.Check(TimeSpan.Zero, [cache]);
        Assert.Contains("stopped partitions: topic [0]", stopped.Description, StringComparison.Ordinal);
    }
}
