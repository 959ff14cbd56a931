using System.Diagnostics.Metrics;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Consuming;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.LogTopic;
using GrainSensors.Ingest.Merging;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Producing.Once;
using GrainSensors.Ingest.Streams;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Sources;
using GrainSensors.Sources.Schemas;
using GrainSensors.Storage.Idempotency;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Versions;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GrainSensors.Ingest;

/// <summary>Registers ingest with a silo.</summary>
public static class IngestServices
{
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Adds ingest to this silo. It needs an <see cref="IWindowStore"/>, <see cref="ISensorNames"/>, <see cref="IMeasurementNames"/>,
    /// <see cref="IMessageVersions"/>, a <see cref="MeasurementSet"/>, and the options <see cref="KafkaOptions"/>,
    /// <see cref="IngestOptions"/> and <see cref="ReadingOptions"/>. <see cref="KeyedIngest"/> needs <see cref="IIdempotencyKeys"/>, too.
    /// </summary>
    public static IServiceCollection AddIngest(this IServiceCollection services)
    {
        services.AddReadingProducer(Linger);
        services.TryAddSingleton<IDeadLetterSink, KafkaDeadLetters>();
        services.TryAddSingleton(s => new PayloadProducer(
            s.GetRequiredService<KafkaClients>(), s.GetRequiredService<IDeadLetterSink>(), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(s => new KeyedIngest(
            s.GetRequiredService<KafkaClients>(), s.GetRequiredService<DeliveryTracker>(), s.GetRequiredService<IIdempotencyKeys>(),
            s.GetRequiredService<TimeProvider>()));
        services.AddSensorStreams();
        services.TryAddSingleton<MeasurementCatalog>();
        services.TryAddSingleton(s => new ReadingParser(
            s.GetRequiredService<MeasurementCatalog>(), s.GetRequiredService<IOptions<ReadingOptions>>().Value));
        services.TryAddSingleton<MeasurementDiscovery>();
        services.TryAddSingleton<LiveTopics>();
        services.TryAddSingleton(new SourceTopics([]));
        services.TryAddSingleton(s => new SourceSchemas(s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(s => new ReadTopics(
            s.GetRequiredService<IOptions<KafkaOptions>>().Value,
            s.GetRequiredService<SourceTopics>(),
            s.GetRequiredService<SourceSchemas>()));
        services.TryAddSingleton<MessageVersionLog>();
        services.TryAddSingleton(s => ActivatorUtilities.CreateInstance<StartPositionResolver>(s));
        services.TryAddSingleton<LatestReadings>();
        services.TryAddSingleton(s => new FlushBudget(
            s.GetRequiredService<IOptions<IngestOptions>>().Value,
            s.GetRequiredService<MeasurementSet>().Count,
            s.GetRequiredService<TimeProvider>(),
            (int)(s.GetService<Deduplication>()?.RowBytes ?? 0)));
        services.TryAddSingleton(s => new IngestMetrics(s.GetService<IMeterFactory>(), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(s => new KafkaProbe(
            s.GetRequiredService<KafkaClients>(), s.GetRequiredService<ReadTopics>(), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(s => new UnwrittenMessages(
            s.GetRequiredService<KafkaClients>(), s.GetRequiredService<ReadTopics>(), s.GetRequiredService<IWindowStore>()));
        services.TryAddSingleton(s => ActivatorUtilities.CreateInstance<PartitionHandover>(
            s, s.GetRequiredService<IOptions<IngestOptions>>().Value));
        services.TryAddSingleton(s => new IngestService(
            s.GetRequiredService<KafkaClients>(),
            s.GetRequiredService<ReadTopics>(),
            s.GetRequiredService<PartitionHandover>(),
            s.GetRequiredService<IOptions<IngestOptions>>().Value,
            s.GetRequiredService<ReadingParser>(),
            s.GetRequiredService<ISensorNames>(),
            s.GetRequiredService<MeasurementDiscovery>(),
            s.GetRequiredService<IngestMetrics>(),
            s.GetRequiredService<FlushBudget>(),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<IngestService>>()));
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(s => s.GetRequiredService<IngestService>());
        return services;
    }

    /// <summary>Stores the messages that sensors write to the log topic. It needs an <see cref="Storage.Alerts.ISensorReports"/>.</summary>
    public static IServiceCollection AddSensorLog(this IServiceCollection services) => services.AddHostedService<SensorLogService>();

    /// <summary>Merges longer windows and announces them. It needs an <see cref="Storage.Merging.IMergedWindowStore"/>.</summary>
    public static IServiceCollection AddLongerWindows(this IServiceCollection services) => services
        .AddSingleton<ILongerWindowEvents>(s => s.GetRequiredService<StreamWindowEvents>())
        .AddHostedService<LongerWindowService>();

    /// <summary>Adds producers of readings. They need the options <see cref="KafkaOptions"/>.</summary>
    /// <param name="services">The services of the process.</param>
    /// <param name="linger">How long a reading waits for others to share a batch. The last call counts.</param>
    public static IServiceCollection AddReadingProducer(this IServiceCollection services, TimeSpan linger)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(s => new KafkaClients(
            s.GetRequiredService<IOptions<KafkaOptions>>().Value, s.GetRequiredService<ILogger<KafkaClients>>()));
        services.TryAddSingleton(s => new DeliveryTracker(s.GetRequiredService<KafkaClients>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new ReadingProducer(
            s.GetRequiredService<KafkaClients>(), s.GetRequiredService<DeliveryTracker>(), s.GetRequiredService<TimeProvider>(), linger));
        services.AddSingleton(s => new BulkReadingProducer(
            s.GetRequiredService<KafkaClients>(), s.GetRequiredService<DeliveryTracker>(), s.GetRequiredService<TimeProvider>(), linger));
        return services;
    }
}
