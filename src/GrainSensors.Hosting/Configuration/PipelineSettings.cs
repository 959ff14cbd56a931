using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The options of a process, and what follows from them, computed once. Only the access keys change later.</summary>
/// <param name="Store">From <see cref="PipelineOptions.Store"/> or <see cref="PostgresOptions.ConnectionString"/>.</param>
/// <param name="Periods">From <see cref="PipelineOptions.Period"/> and <see cref="PipelineOptions.Periods"/>.</param>
/// <param name="Retention">Age at which windows are deleted; infinite: never.</param>
/// <param name="Sensors">Simulated sensors of <c>run</c>.</param>
/// <param name="Deduplication">Null: every value counts.</param>
/// <param name="Access">From <paramref name="Http"/>.</param>
/// <param name="Rules">From <paramref name="Monitor"/>, for sensors without overrides.</param>
/// <param name="Sources">Topics with payloads of other systems.</param>
/// <param name="Contacts">From <see cref="PipelineOptions.Contacts"/> and <see cref="PipelineOptions.Notifications"/>.</param>
/// <param name="Source">The configuration, which access keys are read from again while a silo runs.</param>
internal sealed record PipelineSettings(
    WindowStoreAddress Store,
    PeriodSettings Periods,
    TimeSpan Retention,
    int Sensors,
    MeasurementSet Measurements,
    Deduplication? Deduplication,
    DiscoveryOptions DiscoveryOptions,
    SensorNameOptions SensorNames,
    ReadingOptions Readings,
    IngestOptions Ingest,
    KafkaOptions Kafka,
    ClusterIdentityOptions Cluster,
    MemberOptions Silo,
    HttpOptions Http,
    AccessRules Access,
    TelemetryOptions Telemetry,
    MonitorOptions Monitor,
    MonitorRules Rules,
    IReadOnlyList<SourceOptions> Sources,
    MqttOptions Mqtt,
    ContactSettings Contacts,
    IConfigurationRoot Source)
{
    /// <inheritdoc cref="PipelineConfiguration.Load"/>
    public static PipelineSettings Load(IReadOnlyDictionary<string, string?> overrides) => From(PipelineConfiguration.Load(overrides));

    /// <exception cref="UsageException">The message names the wrong value and the cure.</exception>
    public static PipelineSettings From(PipelineConfiguration configuration)
    {
        var (options, cluster, source) = configuration;
        try
        {
            var measurements = options.Measurements.Count == 0
                ? MeasurementSet.Default
                : new(options.Measurements.Select(MeasurementOf));
            var periods = PeriodSettings.From(options);
            return new(
                WindowStoreAddress.Parse(StoreOf(options)),
                periods,
                options.Retention,
                options.Sensors,
                measurements,
                options.Deduplicate ? new(periods.Pane, options.DeduplicateResolution, measurements.Count) : null,
                options.Discovery,
                options.SensorNames,
                new() { Earliest = options.EarliestReading, MaxAhead = options.MaxReadingAhead },
                IngestOf(options, periods),
                options.Kafka,
                cluster,
                options.Silo,
                options.Http,
                new(options.Http),
                options.Telemetry,
                options.Monitor,
                options.Monitor.RulesFor(measurements),
                options.Sources,
                options.Mqtt,
                ContactSettings.From(options),
                source);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // .NET adds the name of the argument.
            var message = e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", "") : e.Message;
            throw new UsageException(message.ReplaceLineEndings(" "), e);
        }
    }

    /// <summary>Which measurements are taken from readings without a declaration.</summary>
    public DiscoveryRules Discovery { get; } = DiscoveryOptions.ToRules();

    /// <summary>The topics of the sources.</summary>
    public SourceTopics SourceTopics => new(Sources);

    /// <summary>The topics that are created if they are missing. A pattern matches topics that others create.</summary>
    public IReadOnlyList<string> AllTopics => [.. Kafka.AllTopics.Concat(SourceTopics.Names).Concat(Mqtt.KafkaTopics).Distinct()];

    /// <summary>The options of the store.</summary>
    public WindowStoreOptions StoreOptions => new()
    {
        Retention = Retention,
        Retentions = Periods.Retentions,
        Longer = Periods.Longer,
        HasSketches = Discovery.HasSketches || Measurements.All.Any(measurement => measurement.HasSketch),
        Names = SensorNames.ToLimits(),
    };

    private static Measurement MeasurementOf(MeasurementOptions options)
    {
        var (unit, sent) = (options.KeptUnit, options.SentUnit?.Trim() ?? "");
        var conversion = sent.Length == 0 ? null : UnitConversions.Find(sent, unit);
        return new(options.Name, options.Min ?? double.NaN, options.Max ?? double.NaN)
        {
            Missing = [.. options.Missing],
            IsPrimary = options.Primary,
            Unit = unit,
            SentUnit = conversion is null ? "" : sent,
            Conversion = conversion,
            HasSketch = options.Sketch,
        };
    }

    private static IngestOptions IngestOf(PipelineOptions options, PeriodSettings periods) => new()
    {
        Period = periods.Pane,
        Grace = options.Grace,
        LateClosingInterval = options.LateClosingInterval,
        Retention = periods.Oldest,
        IdleTimeout = options.IdleTimeout,
        FlushInterval = options.FlushInterval,
        MaxFlushedRows = options.MaxFlushedRows,
        MaxFlushedLogBytes = options.MaxFlushedLogBytes,
        CheckpointInterval = options.CheckpointInterval,
        MaxCheckpointInterval = options.MaxCheckpointInterval,
        IsMonitoringEnabled = options.Monitor.Enabled,
        FollowsReadings = options.Telemetry.HasTraces,
    };

    private static string StoreOf(PipelineOptions options) => options switch
    {
        { Store: { } store } => store,
        { Postgres.ConnectionString: { Length: > 0 } postgres } =>
            postgres.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) ? postgres : $"postgres:{postgres}",
        _ => PipelineOptions.DefaultStore,
    };
}
