using System.CommandLine;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Logs;

/// <summary><c>logs</c>: prints the log topic.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        var kafka = CommonOptions.Kafka("Kafka with the log topic");
        var topic = new Option<string?>("--log-topic") { HelpName = "NAME", Description = "The log topic [default: log-data]" };
        var since = CommonOptions.Parsed<DateTimeOffset?>(
            "--since",
            "DURATION|TIME",
            "Start this long ago, such as 10m or 1d, or at a time such as 2026-11-24T10:00Z [default: now]",
            (option, text) => Since(option, text, TimeProvider.System));
        var level = new Option<string[]>("--level") { HelpName = "ERROR|WARNING|INFO", Description = "Only this level; may be repeated" };
        var sensor = CommonOptions.Sensors();
        var noFollow = new Option<bool>("--no-follow") { Description = "Stop at the current end of the topic; requires --since" };
        var json = CommonOptions.Json("Print one JSON object per line, with all members");
        var command = new Command(
            "logs",
            """
            Print the sensor log and follow it

              grainsensors logs --kafka localhost:9092
              grainsensors logs --kafka localhost:9092 --since 1h --level ERROR --sensor 7
              grainsensors logs --kafka localhost:9092 --since 2026-11-24T10:00Z --no-follow --json

            Each line is [LEVEL] message. ERROR: a sensor is disconnected. WARNING: it reads an extreme value. INFO: the
            alert has cleared. Lines that sensors wrote themselves are marked (sensor-reported). Ctrl-C stops.
            """)
        {
            kafka, topic, since, level, sensor, noFollow, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(noFollow) is not null && result.GetResult(since) is null)
            {
                result.AddError("--no-follow requires --since.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Kafka:BootstrapServers", result.GetValue(kafka)), ("Kafka:LogTopic", result.GetValue(topic))));
            var request = new LogRequest(
                result.GetValue(since),
                !result.GetValue(noFollow),
                result.GetValue(level) ?? [],
                result.GetValue(sensor) ?? [],
                result.GetValue(json));
            return await new LogView(settings.Kafka.RequireAddress(), Console.Out, !Console.IsOutputRedirected)
                .RunAsync(request, cancellationToken);
        });
        return command;
    }

    /// <exception cref="UsageException">The text is neither a duration nor a time.</exception>
    private static DateTimeOffset? Since(string option, string text, TimeProvider clock) =>
        Durations.TryParse(text, out var span) && span > TimeSpan.Zero ? clock.GetUtcNow() - span
        : EpochTime.TryParse(text, out var micros) ? EpochTime.ToDateTime(micros)
        : throw new UsageException(
            $"{option} must be a duration such as {Durations.Forms}, or a time such as {EpochTime.Forms}; got \"{text}\".");
}
