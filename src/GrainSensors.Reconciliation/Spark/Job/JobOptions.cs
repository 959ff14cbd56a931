using System.Text.Json;

namespace GrainSensors.Reconciliation.Spark.Job;

/// <summary>
/// What a run tells its Spark job, as a JSON file that only its owner can read: it holds the passwords of Kafka and PostgreSQL,
/// which a command line would show to everybody. Times in µs since the epoch.
/// </summary>
/// <param name="Kafka">Options of Spark's Kafka source, from <c>kafka.bootstrap.servers</c> on.</param>
/// <param name="Ranges">By partition the first offset and the one after the last.</param>
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

    /// <exception cref="JsonException">It is not what <see cref="ToJson"/> has written.</exception>
    public static JobOptions Parse(string json) => JsonSerializer.Deserialize<JobOptions>(json) ?? throw new JsonException("The options of the job are null.");
}

/// <param name="Begin">Inclusive.</param>
/// <param name="End">Exclusive.</param>
public sealed record JobRange(long Begin, long End);

/// <param name="Name">The member of the JSON.</param>
/// <param name="Min">Least plausible value.</param>
/// <param name="Max">Greatest plausible value.</param>
public sealed record JobMeasurement(string Name, double Min, double Max);
