using System.Text.Json;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.LogTopic;

namespace GrainSensors.Logs;

/// <summary>The lines of the log topic, as the old log consumer printed them.</summary>
/// <param name="Since">Null: what comes from now on.</param>
/// <param name="Levels">Only these; empty: all.</param>
/// <param name="SensorIds">Only these; empty: all.</param>
internal sealed record LogRequest(DateTimeOffset? Since, bool Follows, IReadOnlyCollection<string> Levels, IReadOnlyCollection<int> SensorIds, bool IsJson)
{
    public bool Takes(LogMessage message) =>
        (Levels.Count == 0 || Levels.Contains(message.Level, StringComparer.OrdinalIgnoreCase))
        && (SensorIds.Count == 0 || SensorIds.Contains(message.SensorId));
}

/// <summary>Prints them: <c>[LEVEL] message</c>, in colours at a terminal.</summary>
internal sealed class LogView(KafkaOptions kafka, TextWriter output, bool isColoured)
{
    /// <summary>As JSON objects: the message as it came, and when it was written.</summary>
    private static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task<int> RunAsync(LogRequest request, CancellationToken cancellationToken)
    {
        await foreach (var line in new LogTopicReader(kafka).ReadAsync(request.Since, request.Follows, cancellationToken))
        {
            if (request.Takes(line.Message))
            {
                await output.WriteLineAsync(request.IsJson ? ToJson(line) : ToText(line.Message));
                await output.FlushAsync(CancellationToken.None);
            }
        }

        return ExitCodes.Success;
    }

    private static string ToJson(LogTopicReader.Line line)
    {
        var members = new Dictionary<string, object?> { ["logged_at"] = line.At };
        foreach (var member in line.Message.Json.EnumerateObject())
        {
            members[member.Name] = member.Value;
        }

        members["reported_by"] = line.Message.AlertId is null ? "sensor" : "monitor";
        return JsonSerializer.Serialize(members, Json);
    }

    private string ToText(LogMessage message)
    {
        // What others have written may hold anything, also what moves a cursor.
        var level = Printable(message.Level);
        var text = Printable(message.Message) + (message.AlertId is null ? " (sensor-reported)" : "");
        return isColoured ? $"{ColourOf(message.Level)}[{level}]\e[0m {text}" : $"[{level}] {text}";
    }

    private static string Printable(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = char.IsControl(source[i]) ? ' ' : source[i];
        }
    });

    private static string ColourOf(string level) => level.ToUpperInvariant() switch
    {
        "ERROR" => "\e[31m",
        "WARNING" => "\e[33m",
        "INFO" => "\e[32m",
        _ => "\e[36m",
    };
}
