using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration.Binding;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Sources.Configuration;

namespace GrainSensors.Hosting.Configuration;

/// <summary>
/// The section <c>GrainSensors</c> of the configuration: appsettings.json, environment variables (<c>GrainSensors__Period</c>),
/// command line. <see cref="PipelineSettings"/> holds what follows from it.
/// </summary>
internal sealed record PipelineOptions
{
    public const string Section = ConfigurationSections.Root;

    public const string DefaultStore = "sqlite:data/grainsensors.db";

    private static readonly IngestOptions Ingest = new();
    private static readonly ReadingOptions Readings = new();

    /// <summary>
    /// Store of the windows: <c>sqlite:PATH</c>, <c>postgres:Host=…;Database=…</c> or
    /// <c>postgres://user:password@host:port/database</c>. Without it, <c>Postgres:ConnectionString</c> names the store; without both,
    /// the store is <c>sqlite:data/grainsensors.db</c>.
    /// </summary>
    [Redact]
    public string? Store { get; init; }

    /// <summary>Window size, from 1 second to 3,660 days: <c>15m</c> or ISO 8601.</summary>
    public Period Period { get; init; } = Ingest.Period;

    /// <summary>
    /// Several periods, one of them <see cref="Period"/>; without any, only that. Readings are counted in windows of the shortest one; the
    /// others are merged from it.
    /// </summary>
    public IReadOnlyList<PeriodOptions> Periods { get; init; } = [];

    /// <summary>How long after its end, in stream time, a window stays open for late readings.</summary>
    [Duration("0s")]
    public TimeSpan Grace { get; init; } = Ingest.Grace;

    /// <summary>A window that late readings change is closed and announced again at most once in this interval.</summary>
    [Duration]
    public TimeSpan LateClosingInterval { get; init; } = Ingest.LateClosingInterval;

    /// <summary>A partition without messages for this long takes the wall clock as stream time.</summary>
    [Duration(never: true)]
    public TimeSpan IdleTimeout { get; init; } = Ingest.IdleTimeout;

    /// <summary>Time until a reading is in its row, while writing takes a small share of the time.</summary>
    [Duration]
    public TimeSpan FlushInterval { get; init; } = Ingest.FlushInterval;

    /// <summary>Rows a second that a silo writes ahead of checkpoints.</summary>
    [Number(1, int.MaxValue)]
    public int MaxFlushedRows { get; init; } = Ingest.MaxFlushedRows;

    /// <summary>Bytes a second that PostgreSQL logs for the rows that a silo writes ahead of checkpoints.</summary>
    [Number(1, int.MaxValue)]
    public int MaxFlushedLogBytes { get; init; } = Ingest.MaxFlushedLogBytes;

    /// <summary>
    /// Whether one value of a measurement counts for each step of event time (<see cref="DeduplicateResolution"/>), the smallest of
    /// several.
    /// </summary>
    public bool Deduplicate { get; init; }

    /// <summary>Length of a step, a divisor of the shortest period. Rows keep 8 bytes for each step and measurement.</summary>
    [Duration]
    public TimeSpan DeduplicateResolution { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Interval between checkpoints while writing takes a small share of the time.</summary>
    [Duration]
    public TimeSpan CheckpointInterval { get; init; } = Ingest.CheckpointInterval;

    /// <summary>Longest interval between checkpoints.</summary>
    [Duration]
    public TimeSpan MaxCheckpointInterval { get; init; } = Ingest.MaxCheckpointInterval;

    /// <summary>Simulated sensors of <c>run</c>.</summary>
    [Number(0, int.MaxValue)]
    public int Sensors { get; init; } = 20;

    /// <summary>Age at which windows are deleted.</summary>
    [Duration("1d", never: true)]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(400);

    /// <summary>An earlier reading becomes a dead letter.</summary>
    public DateTimeOffset EarliestReading { get; init; } = Readings.Earliest;

    /// <summary>A reading further ahead of the clock becomes a dead letter.</summary>
    [Duration("0s")]
    public TimeSpan MaxReadingAhead { get; init; } = Readings.MaxAhead;

    /// <summary>Measurements to aggregate and their plausible ranges, at most 250; without any, temperature and humidity.</summary>
    public IReadOnlyList<MeasurementOptions> Measurements { get; init; } = [];

    /// <summary>Measurements that readings have and that are not declared.</summary>
    public DiscoveryOptions Discovery { get; init; } = new();

    /// <summary>Sensors that have a name instead of an integer id.</summary>
    public SensorNameOptions SensorNames { get; init; } = new();

    /// <summary>Connection and topics.</summary>
    public KafkaOptions Kafka { get; init; } = new();

    /// <summary>Database of a cluster.</summary>
    public PostgresOptions Postgres { get; init; } = new();

    /// <summary>How the silos of a cluster reach each other.</summary>
    public MemberOptions Silo { get; init; } = new();

    /// <summary>Console and API.</summary>
    public HttpOptions Http { get; init; } = new();

    /// <summary>Metrics and traces.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Alerts and their receiver.</summary>
    public MonitorOptions Monitor { get; init; } = new();

    /// <summary>Who is notified of alerts, in addition to the contact points of the store.</summary>
    public IReadOnlyList<ContactOptions> Contacts { get; init; } = [];

    /// <summary>How contact points are notified.</summary>
    public NotificationOptions Notifications { get; init; } = new();

    /// <summary>Topics with payloads of other systems, their formats and their mappings; <c>grainsensors map</c> tries them.</summary>
    public IReadOnlyList<SourceOptions> Sources { get; init; } = [];

    /// <summary>Brokers of MQTT.</summary>
    public MqttOptions Mqtt { get; init; } = new();

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Section;
}
