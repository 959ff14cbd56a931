using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Registers the options of a pipeline; the host checks them when it starts.</summary>
internal static class PipelineOptionsServices
{
    public static IServiceCollection AddPipelineOptions(this IServiceCollection services, PipelineSettings settings) => services
        .AddSingleton(Options.Create(settings.Readings))
        .AddChecked(settings.Ingest, new IngestOptionsValidator())
        .AddChecked(settings.Kafka, new KafkaOptionsValidator())
        .AddChecked(settings.SensorNames, new OptionsValidator<SensorNameOptions>(SensorNameOptions.Section))
        .AddChecked(settings.DiscoveryOptions, new OptionsValidator<DiscoveryOptions>(DiscoveryOptions.Section))
        .AddChecked(settings.Silo, new OptionsValidator<MemberOptions>(MemberOptions.Section))
        .AddChecked(settings.Silo.Tls, new MemberTlsOptionsValidator())
        .AddChecked(settings.Http, new HttpOptionsValidator())
        .AddChecked(settings.Http.Oidc, new OidcOptionsValidator())
        .AddChecked(settings.Telemetry, new OptionsValidator<TelemetryOptions>(TelemetryOptions.Section))
        .AddChecked(settings.Monitor, new OptionsValidator<MonitorOptions>(MonitorOptions.Section))
        .AddChecked(settings.Monitor.Webhook, new WebhookOptionsValidator());
}
