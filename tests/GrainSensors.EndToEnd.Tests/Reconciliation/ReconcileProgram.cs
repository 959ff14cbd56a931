using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.Reconciliation;

/// <summary><c>grainsensors reconcile --json</c> and its output.</summary>
internal static class ReconcileProgram
{
    /// <summary>No retention, because recordings are older than the default retention.</summary>
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["GrainSensors__Retention"] = "-00:00:00.001",

        // Without SPARK_HOME the default is the local engine.
        ["SPARK_HOME"] = "",
    };

    public static async Task<Result> RunAsync(KafkaSettings kafka, string store, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["GrainSensors__Kafka__Topic"] = kafka.Topic,
            ["GrainSensors__Kafka__DeadLetterTopic"] = kafka.DeadLetterTopic,
        };
        return await RunAsync(environment, ["--kafka", kafka.Servers, "--store", store, .. arguments]);
    }

    /// <param name="settings">What silos are told, as environment variables.</param>
    public static async Task<Result> RunAsync(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var environment = Environment.Concat(settings).DistinctBy(setting => setting.Key).ToDictionary();
        await using var process = Executable.StartWith(environment, ["reconcile", "--json", .. arguments]);
        var end = await process.ExitAsync();
        Assert.True(end.ExitCode is 0 or 4, end.ToString());
        var json = JsonSerializer.Deserialize<JsonElement>(end.Output);
        return new(
            end.ExitCode, json, [.. json.GetProperty("findings").EnumerateArray().Select(Parse)], end.ToString());
    }

    /// <summary>The Kafka and the topics of the readings.</summary>
    public sealed record KafkaSettings(string Servers, string Topic, string DeadLetterTopic)
    {
        public static KafkaSettings Of(TestKafka kafka) => new(kafka.BootstrapServers, kafka.Options.Topic, kafka.Options.DeadLetterTopic);
    }

    /// <param name="Text">The output, for messages of failed assertions.</param>
    public sealed record Result(int ExitCode, JsonElement Json, IReadOnlyList<Finding> Findings, string Text)
    {
        public long this[string count] => Json.GetProperty(count).GetInt64();

        public Guid RunId => Json.GetProperty("run_id").GetGuid();
    }

    public sealed record Finding(string Kind, int? Sensor, string? Measurement, DateTimeOffset? Start, string Differs, string Outcome);

    private static Finding Parse(JsonElement finding) => new(
        finding.GetProperty("kind").GetString()!,
        finding.GetProperty("sensor_id") is { ValueKind: JsonValueKind.Number } id ? id.GetInt32() : null,
        finding.GetProperty("metric").GetString(),
        finding.GetProperty("window_start").GetString() is { } start
            ? DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture)
            : null,
        finding.GetProperty("differs").GetString()!,
        finding.GetProperty("outcome").GetString()!);
}
