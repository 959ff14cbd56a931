using System.CommandLine;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Invocation;

namespace GrainSensors.Reconcile;

/// <summary><c>reconcile</c>: windows recomputed from the log, compared and corrected.</summary>
internal static class ReconcileCommand
{
    public static Command Create()
    {
        var from = new Option<string?>("--from") { HelpName = "TIME", Description = "Windows that start at this time or later, ISO 8601, UTC unless it has an offset" };
        var to = new Option<string?>("--to") { HelpName = "TIME", Description = "Windows that start before this time [default: now]" };
        var last = new Option<string?>("--last") { HelpName = "DURATION", Description = "Windows that started within this time: 30s, 15m, 24h, 7d or ISO 8601 [default: 24h]" };
        var sensor = new Option<int[]>("--sensor") { HelpName = "ID", Description = "Only this sensor; may be repeated" };
        var period = CommonOptions.Period();
        var store = CommonOptions.Store("Where the windows are [default: that of the configuration]");
        var kafka = CommonOptions.Kafka("The Kafka that holds the readings [default: GrainSensors:Kafka:BootstrapServers]");
        var topic = CommonOptions.Topic();
        var dryRun = new Option<bool>("--dry-run") { Description = "Report, and correct nothing" };
        var wholeLog = new Option<bool>("--whole-log") { Description = "Read the log from its beginning, for producers that stamp their messages with wrong times" };
        var engine = new Option<string?>("--engine") { HelpName = "local|spark", Description = "What recomputes [default: spark where SPARK_HOME is set, else local]" };
        engine.AcceptOnlyFromAmong(ReconcileOptions.Local, ReconcileOptions.OnSpark);
        var temp = new Option<string?>("--temp") { HelpName = "FOLDER", Description = "Where the local engine puts what does not fit into memory [default: the system's]" };
        var memory = new Option<string>("--memory") { HelpName = "SIZE", Description = "What the local engine's database may use", DefaultValueFactory = _ => "1GB" };
        var master = new Option<string>("--spark-master") { HelpName = "URL", Description = "As spark-submit takes it", DefaultValueFactory = _ => "local[*]" };
        var job = new Option<string?>("--spark-job") { HelpName = "FOLDER", Description = "The published job [default: spark beside this program]" };
        var source = new Option<string?>("--spark-kafka") { HelpName = "MAVEN|JARS", Description = "Spark's Kafka source: coordinates, or paths of the jars, separated by commas [default: spark-sql-kafka-0-10 of Spark's version]" };
        var driver = new Option<string?>("--spark-postgres") { HelpName = "MAVEN|JAR", Description = "PostgreSQL's JDBC driver: coordinates, or the path of the jar [default: org.postgresql:postgresql]" };
        var jar = new Option<string?>("--spark-dotnet-jar") { HelpName = "JAR", Description = "The microsoft-spark jar [default: the one beside the job that fits]" };
        var json = CommonOptions.Json();
        var command = new Command(
            "reconcile",
            """
            Recompute windows from the log, compare them with those that are stored, and correct what differs.

              grainsensors reconcile --last 24h --dry-run
              grainsensors reconcile --from 2026-11-22 --to 2026-11-23 --sensor 7
              grainsensors reconcile --engine spark --spark-master local[2]

            Safe while the pipeline runs: the log is read up to the checkpoints, and windows that are open, or touched since,
            are left alone and told. A window store in SQLite has one process: stop `run` first. Exit codes: 0 all equal, 4
            differences were found (and corrected, without --dry-run), 2 it could not run.
            """)
        {
            from, to, last, sensor, period, store, kafka, topic, dryRun, wholeLog, engine, temp, memory, master, job, source, driver, jar, json,
        };
        command.SetAction((result, cancellationToken) =>
        {
            var (first, end) = ReconcileRange.Parse(result.GetValue(from), result.GetValue(to), result.GetValue(last), EpochTime.Now(TimeProvider.System));
            var hasSpark = Environment.GetEnvironmentVariable("SPARK_HOME") is { Length: > 0 };
            var settings = PipelineSettings.Load(CommonOptions.Overrides(
                ("Period", result.GetValue(period)),
                ("Store", result.GetValue(store)),
                ("Kafka:BootstrapServers", result.GetValue(kafka)),
                ("Kafka:Topic", result.GetValue(topic))));
            var options = new ReconcileOptions(
                first,
                end,
                result.GetValue(sensor) ?? [],
                result.GetValue(engine) ?? (hasSpark ? ReconcileOptions.OnSpark : ReconcileOptions.Local),
                result.GetValue(temp) ?? Path.GetTempPath(),
                result.GetRequiredValue(memory),
                new(result.GetRequiredValue(master), null, result.GetValue(job), result.GetValue(source), result.GetValue(driver), result.GetValue(jar)),
                result.GetValue(dryRun),
                result.GetValue(wholeLog),
                result.GetValue(json));
            return new ReconcileRun(settings, options, TimeProvider.System).RunAsync(cancellationToken);
        });
        return command;
    }
}
