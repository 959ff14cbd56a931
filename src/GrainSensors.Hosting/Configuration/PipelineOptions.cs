using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Hosting.Configuration;

/// <summary>
/// The section <c>GrainSensors</c> of the configuration as people write it: appsettings.json, environment variables
/// (<c>GrainSensors__Period</c>), command line. <see cref="PipelineSettings"/> is what it means.
/// </summary>
internal sealed class PipelineOptions
{
    public const string Section = "GrainSensors";

    public const string DefaultStore = "sqlite:data/grainsensors.db";

    /// <summary><c>sqlite:PATH</c> or <c>postgres:CONNECTION</c>; null: <see cref="Postgres"/> if that is given, else <see cref="DefaultStore"/>.</summary>
    public string? Store { get; set; }

    /// <summary>The length of the windows, an ISO 8601 duration.</summary>
    public string Period { get; set; } = "PT15M";

    /// <summary>How long after its end a window waits for late readings.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After so long without a message the wall clock is the stream time; <c>-00:00:00.001</c>: never.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan MaxCheckpointInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Simulated sensors of <c>run</c>, with the ids 1 to this.</summary>
    public int Sensors { get; set; } = 20;

    /// <summary>How long windows are kept.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>The first moment that a reading may have.</summary>
    public DateTimeOffset EarliestReading { get; set; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far ahead of the wall clock a reading may be.</summary>
    public TimeSpan MaxReadingAhead { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What is accumulated; empty: temperature and humidity.</summary>
    public List<MeasurementOptions> Measurements { get; } = [];

    public KafkaOptions Kafka { get; } = new();

    public PostgresOptions Postgres { get; } = new();

    public MemberOptions Silo { get; } = new();

    public HttpOptions Http { get; } = new();

    public TelemetryOptions Telemetry { get; } = new();

    public MonitorOptions Monitor { get; } = new();
}

/// <summary>One measured quantity.</summary>
internal sealed class MeasurementOptions
{
    /// <summary>The member of the reading's JSON.</summary>
    public string Name { get; set; } = "";

    /// <summary>Least plausible value.</summary>
    public double Min { get; set; }

    /// <summary>Greatest plausible value.</summary>
    public double Max { get; set; }
}
