using System.Text.Json;

namespace GrainSensors.Reconciliation.Spark.Job;

/// <summary>
/// The options of a Spark job, written to a JSON file that only its owner can read. The options hold the passwords of Kafka and
/// PostgreSQL, which a command line would show to all users of the machine. Times in µs since the epoch.
/// </summary>
/// <param name="Kafka">Options of Spark's Kafka source, such as <c>kafka.bootstrap.servers</c>.</param>
/// <param name="Ranges">The range of offsets of each partition.</param>
/// <param name="Windows">The statement that computes the windows.</param>
public sealed record JobOptions(
    string RunId,
    string Topic,
    Dictionary<string, string> Kafka,
    SortedDictionary<int, JobRange> Ranges,
    long PeriodMicros,
    long From,
    long To,
    int[]? SensorIds,
    JobMeasurement[] Measurements,
    long Earliest,
    string JdbcUrl,
    string JdbcUser,
    string? JdbcPassword,
    string Windows)
{
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <exception cref="JsonException">The text was not written by <see cref="ToJson"/>.</exception>
    public static JobOptions Parse(string json) =>
        JsonSerializer.Deserialize<JobOptions>(json) ?? throw new JsonException("The options of the job are null.");
}

/// <summary>A range of offsets.</summary>
/// <param name="Begin">First offset, inclusive.</param>
/// <param name="End">Last offset, exclusive.</param>
public sealed record JobRange(long Begin, long End);

/// <summary>A measurement that the job reads.</summary>
/// <param name="Name">The member of the JSON object.</param>
/// <param name="Min">Least plausible value.</param>
/// <param name="Max">Greatest plausible value.</param>
public sealed record JobMeasurement(string Name, double Min, double Max)
{
    /// <summary>Numbers that stand for no value, as they are sent.</summary>
    public double[] Missing { get; init; } = [];

    /// <summary>A value is kept as the number that was sent, times this, plus <see cref="Offset"/>. Null: as it was sent.</summary>
    public double? Factor { get; init; }

    /// <inheritdoc cref="Factor"/>
    public double Offset { get; init; }
}
