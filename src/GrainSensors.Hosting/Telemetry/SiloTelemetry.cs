using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Status;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GrainSensors.Hosting.Telemetry;

/// <summary>Serves metrics to Prometheus at <see cref="Path"/>. With an endpoint, exports metrics and traces by OTLP.</summary>
internal static class SiloTelemetry
{
    public const string Path = "/metrics";

    /// <summary>Meters of this project, Orleans and the web server; Npgsql and the runtime are added by their own methods.</summary>
    private static readonly string[] Meters =
        [IngestMetrics.MeterName, "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>
    /// The limit of series of one instrument of a library. Its series come by kind of grain, route or state, and OpenTelemetry
    /// allocates memory for all of them at the start.
    /// </summary>
    private const int MaxSeries = 250;

    /// <summary>The source of the spans of readings that sensor grains send.</summary>
    private const string Streams = "Orleans.Streaming.Kafka";

    /// <param name="instance">The name of the silo.</param>
    public static IServiceCollection AddSiloTelemetry(this IServiceCollection services, TelemetryOptions options, string instance)
    {
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource =>
            resource.AddService("grainsensors", serviceVersion: SiloStatusService.Version, serviceInstanceId: instance));
        if (options.Metrics)
        {
            services.AddSingleton<StoreMetrics>();
            services.AddHostedService<Instruments>();
            services.AddHostedService<AlertMetrics>();
            telemetry.WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters).AddNpgsqlInstrumentation().AddRuntimeInstrumentation().AddPrometheusExporter();
                metrics.AddView(static instrument =>
                    instrument.Meter.Name == IngestMetrics.MeterName ? null : new() { CardinalityLimit = MaxSeries });
                if (options.OtlpEndpoint is not null)
                {
                    metrics.AddOtlpExporter(otlp => OtlpExport.Apply(otlp, options, "metrics"));
                }
            });
        }

        if (options.HasTraces)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(ReadingTraces.SourceName, Streams, "Microsoft.AspNetCore")
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceRatio)))
                .AddOtlpExporter(otlp => OtlpExport.Apply(otlp, options, "traces")));
        }

        return services;
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint(Path)
        .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));

    /// <summary>Creates the instruments of the store at the start, because no other service depends on them.</summary>
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
