using System.CommandLine;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;

namespace GrainSensors.Logs;

/// <summary><c>logs</c>: what the log topic says.</summary>
internal static class LogsCommand
{
    public static Command Create()
    {
        var kafka = CommonOptions.Kafka("The Kafka whose log topic to read");
        var topic = new Option<string?>("--log-topic") { HelpName = "NAME", Description = "The topic [default: log-data]" };
        var since = new Option<string?>("--since") { HelpName = "1h|TIME", Description = "From so long ago, such as 90s, 10m, 2h or 1d, or from a time such as 2026-11-24T10:00Z [default: from now on]" };
        var level = new Option<string[]>("--level") { HelpName = "ERROR|WARNING|INFO", Description = "Only lines of this level; may be given again" };
        var sensor = new Option<int[]>("--sensor") { HelpName = "ID", Description = "Only lines of this sensor; may be given again" };
        var noFollow = new Option<bool>("--no-follow") { Description = "Stop where the topic ends now" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line, with all members" };
        var command = new Command(
            "logs",
            """
            Print the log of the sensors, [LEVEL] message a line, and follow it until Ctrl-C.

              grainsensors logs --kafka localhost:9092
              grainsensors logs --kafka localhost:9092 --since 1h --level ERROR --sensor 7
              grainsensors logs --kafka localhost:9092 --since 2026-11-24T10:00Z --no-follow --json

            ERROR: a sensor is disconnected; WARNING: it reads something extreme; INFO: that is over. What sensors have
            written themselves is marked as sensor-reported.
            """)
        {
            kafka, topic, since, level, sensor, noFollow, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Kafka:BootstrapServers", result.GetValue(kafka)), ("Kafka:LogTopic", result.GetValue(topic))));
            if (settings.Kafka.BootstrapServers.Length == 0)
            {
                throw new UsageException($"Say which Kafka: give --kafka HOST:PORT or set {PipelineOptions.Section}:Kafka:BootstrapServers.");
            }

            var request = new LogRequest(
                Since(result.GetValue(since), TimeProvider.System), !result.GetValue(noFollow), result.GetValue(level) ?? [], result.GetValue(sensor) ?? [], result.GetValue(json));
            if (request is { Since: null, Follows: false })
            {
                throw new UsageException("With --no-follow say from when: give --since.");
            }

            using var interruption = new Interruption(cancellationToken);
            return await new LogView(settings.Kafka, Console.Out, !Console.IsOutputRedirected).RunAsync(request, interruption.Token);
        });
        return command;
    }

    /// <exception cref="UsageException">It is neither a duration nor a time.</exception>
    private static DateTimeOffset? Since(string? text, TimeProvider clock)
    {
        if (text is null)
        {
            return null;
        }

        if (Durations.TryParse(text, out var span) && span > TimeSpan.Zero)
        {
            return clock.GetUtcNow() - span;
        }

        return EpochTime.TryParse(text, out var micros)
            ? EpochTime.ToDateTime(micros)
            : throw new UsageException($"--since must be a duration such as {Durations.Forms}, or a time such as {EpochTime.Forms}; got \"{text}\".");
    }
}
