using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Opening;
using Microsoft.Extensions.Configuration;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The configuration, checked.</summary>
internal sealed record PipelineSettings(
    WindowStoreAddress Store,
    TimeSpan Retention,
    int Sensors,
    MeasurementSet Measurements,
    ReadingOptions Readings,
    IngestOptions Ingest,
    KafkaOptions Kafka,
    ClusterSettings Cluster,
    TelemetrySettings Telemetry,
    MonitorSettings Monitor)
{
    /// <param name="overrides">From the command line, by the names of <see cref="PipelineOptions"/>; null: not given.</param>
    /// <exception cref="UsageException">With a sentence that names the key and the cure.</exception>
    public static PipelineSettings Load(IReadOnlyDictionary<string, string?> overrides)
    {
        try
        {
            var configuration = ReadConfiguration(overrides);
            var options = new PipelineOptions();
            configuration.GetSection(PipelineOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
            return From(options, ClusterSettings.From(configuration, options));
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or FormatException or ArgumentException)
        {
            throw new UsageException(OneLine(e.InnerException is null ? e.Message : $"{e.Message} {e.InnerException.Message}"), e);
        }
    }

    /// <inheritdoc cref="Load"/>
    public static IConfigurationRoot ReadConfiguration(IReadOnlyDictionary<string, string?> overrides) => new ConfigurationBuilder()
        .SetBasePath(Directory.GetCurrentDirectory())
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .AddInMemoryCollection(overrides.Where(o => o.Value is not null)
            .Select(o => KeyValuePair.Create($"{PipelineOptions.Section}:{o.Key}", o.Value)))
        .Build();

    private static PipelineSettings From(PipelineOptions options, ClusterSettings cluster)
    {
        Require(options.Grace >= TimeSpan.Zero, nameof(options.Grace), options.Grace, "give a time of at least 0");
        Require(
            options.IdleTimeout > TimeSpan.Zero || options.IdleTimeout == Timeout.InfiniteTimeSpan,
            nameof(options.IdleTimeout), options.IdleTimeout, "give a time above 0, or -00:00:00.001 for never");
        Require(options.CheckpointInterval > TimeSpan.Zero, nameof(options.CheckpointInterval), options.CheckpointInterval, "give a time above 0");
        Require(
            options.MaxCheckpointInterval >= options.CheckpointInterval,
            nameof(options.MaxCheckpointInterval), options.MaxCheckpointInterval, $"give at least the CheckpointInterval, {options.CheckpointInterval}");
        Require(options.Sensors >= 0, nameof(options.Sensors), options.Sensors, "give a number of at least 0");
        Require(
            options.Retention >= TimeSpan.FromDays(1) || options.Retention == Timeout.InfiniteTimeSpan,
            nameof(options.Retention), options.Retention, "give at least a day, or -00:00:00.001 to keep everything");
        Require(options.MaxReadingAhead >= TimeSpan.Zero, nameof(options.MaxReadingAhead), options.MaxReadingAhead, "give a time of at least 0");
        KafkaOptionsValidator.Validate(options.Kafka);
        var measurements = options.Measurements.Count == 0
            ? MeasurementSet.Default
            : new(options.Measurements.Select(m => new Measurement(m.Name, m.Min, m.Max)));
        var monitor = MonitorSettings.From(options.Monitor, measurements);
        return new(
            WindowStoreAddress.Parse(options.Store ?? (options.Postgres.ConnectionString is { Length: > 0 } postgres ? AsStore(postgres) : PipelineOptions.DefaultStore)),
            options.Retention,
            options.Sensors,
            measurements,
            new() { Earliest = options.EarliestReading, MaxAhead = options.MaxReadingAhead },
            new()
            {
                Period = Period.Parse(options.Period),
                Grace = options.Grace,
                IdleTimeout = options.IdleTimeout,
                CheckpointInterval = options.CheckpointInterval,
                MaxCheckpointInterval = options.MaxCheckpointInterval,
                IsMonitoringEnabled = monitor.IsEnabled,
            },
            options.Kafka,
            cluster,
            TelemetrySettings.From(options.Telemetry),
            monitor);
    }

    private static string AsStore(string postgres) => postgres.StartsWith("postgres", StringComparison.OrdinalIgnoreCase) ? postgres : $"postgres:{postgres}";

    private static void Require(bool condition, string name, object value, string cure)
    {
        if (!condition)
        {
            throw new ArgumentException($"{PipelineOptions.Section}:{name} is {value}; {cure}.");
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
