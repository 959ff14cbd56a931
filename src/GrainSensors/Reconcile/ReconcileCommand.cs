using System.CommandLine;
using System.Text.RegularExpressions;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Reconcile;

/// <summary><c>reconcile</c>: recomputes windows from the log, compares them with the stored ones and corrects differences.</summary>
internal static class ReconcileCommand
{
    private const string DefaultMemory = "1GB";

    private const string Description =
        """
        Recompute windows from the log, compare them and correct differences

          grainsensors reconcile --last 24h --dry-run
          grainsensors reconcile --from 2026-11-22 --to 2026-11-23 --sensor 7
          grainsensors reconcile --engine spark --spark-master local[2]

        The command is safe while the pipeline runs. It reads the log up to the checkpoints. It skips and lists open
        windows and windows that change during the run. It corrects no window with a message that the stream and the
        engine classify differently. A SQLite store belongs to one process: stop `run` first.

        Exit codes: 0 all windows are equal, 4 differences were found (and corrected, without --dry-run), 2 the command
        could not run.
        """;

    public static Command Create()
    {
        var from = CommonOptions.Time("--from", "Windows that start at or after this time; UTC without an offset");
        var to = CommonOptions.Time("--to", "Windows that start before this time [default: now]");
        var last = CommonOptions.Duration("--last", "Windows that started within this duration, such as 15m or 7d [default: 24h]");
        var sensor = CommonOptions.Sensors();
        var period = CommonOptions.Period();
        var store = CommonOptions.Store($"Store of the windows {CommonOptions.FromConfiguration}");
        var kafka = CommonOptions.Kafka("Kafka with the readings");
        var topic = CommonOptions.Topic();
        var dryRun = new Option<bool>("--dry-run") { Description = "Report differences without correcting them" };
        var wholeLog = new Option<bool>("--whole-log")
        {
            Description = "Read the log from its beginning, for producers whose message times are wrong",
        };
        var engine = CommonOptions.Choice(
            "--engine",
            "Engine that recomputes [default: spark if SPARK_HOME is set, else local]",
            ReconcileOptions.Local,
            ReconcileOptions.OnSpark);
        var temp = new Option<string?>("--temp")
        {
            HelpName = "FOLDER",
            Description = "Folder for temporary files of the local engine [default: the system's]",
        };
        var memory = CommonOptions.Parsed<string?>(
            "--memory", "SIZE", $"Memory limit of the local engine, such as 512MB or 2GB [default: {DefaultMemory}]", Memory);
        var spark = new SparkArguments();
        var json = CommonOptions.Json();
        var command = new Command("reconcile", Description)
        {
            from, to, last, sensor, period, store, kafka, topic, dryRun, wholeLog, engine, temp, memory,
        };
        spark.AddTo(command);
        command.Add(json);
        command.SetAction((result, cancellationToken) =>
        {
            var now = EpochTime.Now(TimeProvider.System);
            var (first, end) = ReconcileRange.Of(result.GetValue(from), result.GetValue(to), result.GetValue(last), now);
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Period", result.GetValue(period)),
                ("Store", result.GetValue(store)),
                ("Kafka:BootstrapServers", result.GetValue(kafka)),
                ("Kafka:Topic", result.GetValue(topic))));
            var options = new ReconcileOptions(
                first,
                end,
                result.GetValue(sensor) ?? [],
                result.GetValue(engine) ?? DefaultEngine(),
                result.GetValue(temp) ?? Path.GetTempPath(),
                result.GetValue(memory) ?? DefaultMemory,
                spark.Read(result),
                result.GetValue(dryRun),
                result.GetValue(wholeLog),
                result.GetValue(json));
            return new ReconcileRun(settings, options, TimeProvider.System).RunAsync(cancellationToken);
        });
        return command;
    }

    private static string Memory(string option, string text) =>
        Regex.IsMatch(text, @"^[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B$", RegexOptions.IgnoreCase)
            ? text
            : throw new UsageException($"{option} must be a number of bytes such as 512MB or 2GB; got \"{text}\".");

    private static string DefaultEngine() =>
        Environment.GetEnvironmentVariable("SPARK_HOME") is { Length: > 0 } ? ReconcileOptions.OnSpark : ReconcileOptions.Local;
}
