using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Health;

/// <summary>
/// Reports a provider whose reader is silent, and partitions that a failed message has stopped or whose commits stand still.
/// </summary>
internal sealed class KafkaStreamHealthCheck(IServiceProvider services, string provider) : IHealthCheck
{
    /// <summary>The reader asks the client for messages many times a second.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(30);

    /// <summary>A message that is undelivered for longer holds up the commits of its partition.</summary>
    public static readonly TimeSpan MaxCommitDelay = TimeSpan.FromMinutes(10);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var connection = services.GetKeyedService<IQueueAdapterFactory>(provider) is KafkaAdapterFactory { IsStarted: true } factory
            ? factory.Connection
            : null;
        return Task.FromResult(connection is null
            ? HealthCheckResult.Unhealthy($"The stream provider \"{provider}\" has not started.")
            : Check(connection.ReaderSilence, [.. connection.Caches.Values]));
    }

    /// <param name="silence">Time since the reader last asked for messages; null without a reader.</param>
    internal HealthCheckResult Check(TimeSpan? silence, IReadOnlyCollection<PartitionCache> caches)
    {
        var data = new Dictionary<string, object> { ["partitions"] = caches.Count, ["lag"] = caches.Sum(cache => cache.Lag ?? 0) };
        if (silence > MaxSilence)
        {
            return HealthCheckResult.Unhealthy(
                $"The stream provider \"{provider}\" has read nothing from Kafka for {silence.Value.TotalSeconds:0} s.", data: data);
        }

        var stopped = Names(caches.Where(cache => cache.IsStopped));
        if (stopped.Length > 0)
        {
            return HealthCheckResult.Degraded($"A failed message has stopped partitions: {stopped}.", data: data);
        }

        var late = Names(caches.Where(cache => cache.CommitDelay > MaxCommitDelay));
        return late.Length > 0
            ? HealthCheckResult.Degraded(
                $"A message is undelivered for more than {MaxCommitDelay.TotalMinutes:0} min in: {late}.", data: data)
            : HealthCheckResult.Healthy(data: data);
    }

    private static string Names(IEnumerable<PartitionCache> caches) =>
        string.Join(", ", caches.Select(cache => cache.Source.ToString()).Order());
}
