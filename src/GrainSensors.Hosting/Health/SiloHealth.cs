using GrainSensors.Ingest;
using GrainSensors.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Health;

/// <summary>The health checks behind the probes of an orchestrator. They answer from memory.</summary>
internal static class SiloHealth
{
    /// <summary>The probe fails when a restart would help. An unavailable server does not fail it.</summary>
    public const string Live = "live";

    /// <summary>The probe succeeds while the silo can answer requests.</summary>
    public const string Ready = "ready";

    /// <summary>The probe succeeds when the silo has joined the cluster.</summary>
    public const string Startup = "startup";

    public static IServiceCollection AddSiloHealth(this IServiceCollection services, IStore store)
    {
        services.AddSingleton<Dependencies>();
        services.AddSingleton<StalledPartitions>();
        services.AddHostedService<DependencyMonitor>();
        services.AddHealthChecks()
            .Add(Check("ingest", [Live], s => Consumer(s.GetRequiredService<IngestService>())))
            .Add(Check("silo", [Startup, Ready], s => Lifetime(s.GetRequiredService<IHostApplicationLifetime>())))
            .Add(Check(Dependencies.NameOf(store), [Ready], s => s.GetRequiredService<Dependencies>().Store.Trouble))
            .Add(Check("partitions", [Ready], s => s.GetRequiredService<StalledPartitions>().Trouble))
            .Add(Check("kafka", [Ready], s => s.GetRequiredService<Dependencies>().Kafka.Trouble));
        return services;
    }

    private static string? Consumer(IngestService ingest) =>
        ingest.Ended is { IsCompletedSuccessfully: true, Result: { } error } ? $"the consumer has ended: {error.Message}" : null;

    private static string? Lifetime(IHostApplicationLifetime lifetime) =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "the silo is stopping"
        : !lifetime.ApplicationStarted.IsCancellationRequested ? "the silo is starting"
        : null;

    private static HealthCheckRegistration Check(string name, string[] tags, Func<IServiceProvider, string?> trouble) =>
        new(name, services => new Answer(() => trouble(services)), HealthStatus.Unhealthy, tags);

    private sealed class Answer(Func<string?> trouble) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(trouble() is { } text ? HealthCheckResult.Unhealthy(text) : HealthCheckResult.Healthy());
    }
}
