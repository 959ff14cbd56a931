using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.LogTopic;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Logs;

/// <summary>Which messages of the log topic to print.</summary>
/// <param name="Since">Where to start; null: with the messages that are written from now on.</param>
/// <param name="Levels">Only these levels; empty: all.</param>
/// <param name="Sensors">Only these sensors; empty: all.</param>
internal sealed record LogRequest(
    DateTimeOffset? Since, bool Follows, IReadOnlyCollection<string> Levels, IReadOnlyCollection<SensorRef> Sensors, bool IsJson)
{
    public bool Takes(LogMessage message) =>
        (Levels.Count == 0 || Levels.Contains(message.Level, StringComparer.OrdinalIgnoreCase))
        && (Sensors.Count == 0 || Sensors.Contains(message.Sensor));
}

/// <summary>Prints log messages as the old log consumer did, <c>[LEVEL] message</c>, with colours in a terminal.</summary>
internal sealed class LogView(KafkaOptions kafka, TextWriter output, bool isColoured)
{
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

    /// <returns>The message as it was written, with the time and the author added.</returns>
    private static string ToJson(LogTopicReader.Line line)
    {
        var members = new Dictionary<string, object?> { ["logged_at"] = line.At };
        foreach (var member in line.Message.Json.EnumerateObject())
        {
            members[member.Name] = member.Value;
        }

        members["reported_by"] = line.Message.AlertId is null ? "sensor" : "monitor";
        return JsonOutput.Of(members);
    }

    private string ToText(LogMessage message)
    {
        // Messages of other programs may contain control characters that move the cursor.
        var level = PrintableText.Escape(message.Level);
        var text = PrintableText.Escape(message.Message) + (message.AlertId is null ? " (sensor-reported)" : "");
        return isColoured ? $"{ColourOf(message.Level)}[{level}]\e[0m {text}" : $"[{level}] {text}";
    }

    private static string ColourOf(string level) => level.ToUpperInvariant() switch
    {
        "ERROR" => "\e[31m",
        "WARNING" => "\e[33m",
        "INFO" => "\e[32m",
        _ => "\e[36m",
    };
}
