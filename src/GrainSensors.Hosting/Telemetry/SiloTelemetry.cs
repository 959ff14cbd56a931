using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Status;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GrainSensors.Hosting.Telemetry;

/// <summary>Metrics for Prometheus at <see cref="Path"/>, and metrics and traces by OTLP where that is configured.</summary>
internal static class SiloTelemetry
{
    public const string Path = "/metrics";

    /// <summary>Ours, Orleans', those of the web server and, besides, Npgsql's and the runtime's.</summary>
    private static readonly string[] Meters =
        [IngestMetrics.MeterName, "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>Series of one instrument of somebody else: they come by kind of grain, route or state, and room is made for all of them at the start.</summary>
    private const int MostSeries = 250;

    /// <summary>Spans of the readings that sensor grains send.</summary>
    private const string Streams = "Orleans.Streaming.Kafka";

    /// <param name="instance">The name of the silo.</param>
    public static IServiceCollection AddSiloTelemetry(this IServiceCollection services, TelemetrySettings settings, string instance)
    {
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("grainsensors", serviceVersion: SiloStatusService.Version, serviceInstanceId: instance));
        if (settings.Metrics)
        {
            services.AddSingleton<StoreMetrics>();
            services.AddHostedService<Instruments>();
            services.AddHostedService<AlertMetrics>();
            telemetry.WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters).AddNpgsqlInstrumentation().AddRuntimeInstrumentation().AddPrometheusExporter();
                metrics.AddView(static instrument => instrument.Meter.Name == IngestMetrics.MeterName ? null : new() { CardinalityLimit = MostSeries });
                if (settings.Endpoint is not null)
                {
                    metrics.AddOtlpExporter(otlp => settings.Apply(otlp, "metrics"));
                }
            });
        }

        if (settings.Traces)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(ReadingTraces.SourceName, Streams, "Microsoft.AspNetCore")
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(settings.TraceRatio)))
                .AddOtlpExporter(otlp => settings.Apply(otlp, "traces")));
        }

        return services;
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint(Path);

    /// <summary>Makes the instruments that nobody else asks for.</summary>
    private sealed class Instruments(StoreMetrics store) : IHostedService
    {
        private readonly StoreMetrics _store = store;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            GC.KeepAlive(_store);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
