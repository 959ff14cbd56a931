using GrainSensors.Ingest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Hosting.Health;

/// <summary>What the probes of an orchestrator ask. Each answers from memory.</summary>
internal static class SiloHealth
{
    /// <summary>Restart it when this fails: nothing that is away makes it fail, for no restart would bring that back.</summary>
    public const string Live = "live";

    /// <summary>Send it requests while this succeeds.</summary>
    public const string Ready = "ready";

    /// <summary>It has joined the cluster.</summary>
    public const string Startup = "startup";

    /// <param name="store">The name of the store's check.</param>
    public static IServiceCollection AddSiloHealth(this IServiceCollection services, string store)
    {
        services.AddSingleton<Dependencies>();
        services.AddHostedService<DependencyMonitor>();
        services.AddHealthChecks()
            .Add(Check("ingest", [Live], s => s.GetRequiredService<IngestService>().Ended is { IsCompletedSuccessfully: true, Result: { } defect }
                ? $"the consumer has ended: {defect.Message}" : null))
            .Add(Check("silo", [Startup, Ready], s => Lifetime(s.GetRequiredService<IHostApplicationLifetime>())))
            .Add(Check(store, [Ready], s => s.GetRequiredService<Dependencies>().Store.Trouble))
            .Add(Check("kafka", [Ready], s => s.GetRequiredService<Dependencies>().Kafka.Trouble));
        return services;
    }

    private static string? Lifetime(IHostApplicationLifetime lifetime) =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "it is stopping"
        : !lifetime.ApplicationStarted.IsCancellationRequested ? "it is starting"
        : null;

    private static HealthCheckRegistration Check(string name, string[] tags, Func<IServiceProvider, string?> trouble) =>
        new(name, services => new Answer(() => trouble(services)), HealthStatus.Unhealthy, tags);

    private sealed class Answer(Func<string?> trouble) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(trouble() is { } text ? HealthCheckResult.Unhealthy(text) : HealthCheckResult.Healthy());
    }
}
