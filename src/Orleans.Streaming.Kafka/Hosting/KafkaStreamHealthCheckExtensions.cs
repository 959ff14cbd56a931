using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Streaming.Kafka.Internals.Health;

namespace Orleans.Hosting;

/// <summary>Adds health checks of Kafka stream providers.</summary>
public static class KafkaStreamHealthCheckExtensions
{
    /// <summary>
    /// Adds the health check of a provider. It is unhealthy if the provider has not started or does not read, and degraded if a failed
    /// message has stopped a partition or if a message is undelivered for 10 minutes.
    /// </summary>
    /// <param name="builder">The builder of the health checks.</param>
    /// <param name="provider">The name of the stream provider.</param>
    /// <param name="name">The name of the check; null means <c>kafka-streams-</c> and the name of the provider.</param>
    /// <param name="tags">Tags that select the check.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddKafkaStreams(
        this IHealthChecksBuilder builder, string provider, string? name = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(provider);
        return builder.Add(new HealthCheckRegistration(
            name ?? $"kafka-streams-{provider}", services => new KafkaStreamHealthCheck(services, provider), null, tags));
    }
}
