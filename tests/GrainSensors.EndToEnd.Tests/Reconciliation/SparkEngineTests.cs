using GrainSensors.Core.Windows;
using GrainSensors.Reconcile;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Spark;
using GrainSensors.Reconciliation.Spark.Job;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Reconciliation;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Reconciliation;

/// <summary>Preparation, call and results of a Spark job. A fake spark-submit stands in for Spark.</summary>
[Trait("Category", "System")]
public sealed class SparkEngineTests(PostgresServer postgres) : IDisposable
{
    private const long Start = ReconciledLog.Start;
    private static readonly long Minute = ReconciledLog.Period.TotalMicros;
    private readonly TemporaryDirectory _folder = new();

    [Fact]
    public async Task The_result_of_the_job_is_compared_and_differences_are_corrected()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var log = await ReconciledLog.StartAsync(postgres: database);
        await log.ProduceAsync(7, Start, 20);
        await log.ProduceDeadLetterAsync("x"u8.ToArray(), "not-json", await log.ProduceAsync("x"u8.ToArray()));
        await log.ProduceAsync(8, Start, 20);
        var wrong = await log.StoreAsync(8, Start, [20, 99], mark: 2);
        await log.StoreAsync(7, Start, [20], mark: 0);
        await log.CheckpointAsync(3);
        var spark = new FakeSpark(_folder);
        spark.Prepare(
            database,
            $"(:'run', 7, 'temperature', {Start}, 1, 20, 20, 20, 0), (:'run', 8, 'temperature', {Start}, 1, 20, 20, 20, 0)",
            "(:'run', 'accepted', 0, 1)");

        var result = await log.RunAsync(wrap: _ => Engine(spark, log, database));

        Assert.Equal("spark", result.Run.Engine);
        Assert.Equal(
            [(FindingKind.Parse, FindingOutcome.Reported), (FindingKind.Differing, FindingOutcome.Corrected)],
            result.Findings.Select(finding => (finding.Kind, finding.Outcome)));
        Assert.Equal("rejected by the stream as not-json, accepted by Spark", result.Findings[0].Differs);
        Assert.Equal(1, (await log.FindAsync(wrong.Key))!.Statistics.Count);

        var options = JobOptions.Parse(spark.Options);
        Assert.Equal((result.Run.Id.ToString(), Minute, Start), (options.RunId, options.PeriodMicros, options.From));
        Assert.Equal([new(0, new JobRange(0, 3))], options.Ranges);
        await using var source = NpgsqlDataSource.Create(database);
        var left = await source.SelectAsync(
            "SELECT (SELECT count(*) FROM reconciliation_staging) + (SELECT count(*) FROM reconciliation_offsets)");
        Assert.Equal(0L, left[0][0]);
    }

    [Fact]
    public async Task Percentiles_of_the_job_are_compared_with_stored_sketches()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var log = await ReconciledLog.StartAsync(postgres: database);
        foreach (var value in new[] { 10, 30, 20 })
        {
            await log.ProduceAsync(7, Start, value);
            await log.ProduceAsync(8, Start, value);
        }

        var row = WindowRows.Row(marks: Marks.Empty.Raise(log.Source(), 5), isFinal: true).Window()
            .WithValues(("temperature", [10, 20, 30]));
        var wrong = row.Measurements[0] with { Sketch = WindowRows.SketchOf([10, 10, 30]) };
        await log.Store.WriteAsync(
            [
                new(row with { Id = new(7, ReconciledLog.Period, Start) }, null),
                new(row with { Id = new(8, ReconciledLog.Period, Start), Measurements = [wrong] }, null),
            ],
            CancellationToken.None);
        await log.CheckpointAsync(6);
        var spark = new FakeSpark(_folder);
        spark.PrepareStatement(
            database,
            $"""
            SELECT :'run', sensor, 'temperature', {Start}, 3, 10, 30, 20, 200.0 / 3, 10, 20, 20, 20, 20 FROM unnest(ARRAY[7, 8]) AS sensor
            """);

        var result = await log.RunAsync(
            request => request with { Measurements = [new("temperature", -100, 100) { HasSketch = true }] },
            _ => Engine(spark, log, database));

        var finding = Assert.Single(result.Findings);
        Assert.Equal((8, FindingOutcome.Corrected), (finding.Key!.Value.SensorId, finding.Outcome));
        Assert.StartsWith("p50 -9.9", finding.Differs, StringComparison.Ordinal);
        Assert.Contains("AS p95", JobOptions.Parse(spark.Options).Windows, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_window_with_a_message_that_Spark_classifies_differently_is_left_alone()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var log = await ReconciledLog.StartAsync(postgres: database);
        await log.ProduceAsync([0xEF, 0xBB, 0xBF, .. ReconciledLog.Json(7, Start, 20)]);
        await log.ProduceAsync(7, Start + Minute, 20);
        var expired = ReconciledLog.Json(8, Start, 20);
        await log.ProduceDeadLetterAsync(expired, "expired", await log.ProduceAsync(expired));
        await log.ProduceDeadLetterAsync("about a topic of the past"u8.ToArray(), "expired", await log.ProduceAsync(9, Start, 20));
        WindowRow[] right =
        [
            await log.StoreAsync(7, Start, [20], mark: 0), await log.StoreAsync(9, Start, [20], mark: 3),
        ];
        var wrong = await log.StoreAsync(7, Start + Minute, [20, 21], mark: 1);
        await log.CheckpointAsync(4);
        var spark = new FakeSpark(_folder);
        spark.Prepare(
            database, $"(:'run', 7, 'temperature', {Start + Minute}, 1, 20, 20, 20, 0)",
            "(:'run', 'rejected', 0, 0), (:'run', 'accepted', 0, 2), (:'run', 'accepted', 0, 3), (:'run', 'rejected', 0, 0)");

        var result = await log.RunAsync(wrap: _ => Engine(spark, log, database));

        foreach (var row in right)
        {
            Assert.Equal(row, await log.FindAsync(row.Key));
        }

        Assert.Equal(1, (await log.FindAsync(wrong.Key))!.Statistics.Count);
        Assert.Equal(
            [
                "accepted by the stream, rejected by Spark",
                "left out by Spark for a dead letter that is about another message",
                "sample_count +1; holds message 0:0",
                "sample_count +1; holds message 0:3",
                "sample_count +1, mean +0.5, m2 +0.5, max +1",
            ],
            result.Findings.OrderBy(finding => finding.Kind != FindingKind.Parse).ThenBy(finding => finding.Key is not null)
                .Select(finding => finding.Differs));
    }

    [Fact]
    public async Task Passwords_are_only_in_a_private_file_that_is_deleted_at_the_end()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var log = await ReconciledLog.StartAsync(postgres: database);
        await log.ProduceAsync(7, Start, 20);
        await log.CheckpointAsync(1);
        var spark = new FakeSpark(_folder);
        spark.Prepare(database, $"(:'run', 7, 'temperature', {Start}, 1, 20, 20, 20, 0)", exitCode: 3);

        var failure = await Assert.ThrowsAsync<ReconciliationException>(() => log.RunAsync(wrap: _ => Engine(spark, log, database)));

        Assert.Contains("exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("password: [redacted]", failure.Message, StringComparison.Ordinal);
        Assert.Equal("600", spark.OptionsMode);
        Assert.Equal("topsecret", JobOptions.Parse(spark.Options).JdbcPassword);
        Assert.DoesNotContain(spark.Arguments, argument => argument.Contains("topsecret", StringComparison.Ordinal));
        Assert.False(File.Exists(spark.Arguments[^1]));
        await using var source = NpgsqlDataSource.Create(database);
        Assert.Equal("could not run", (await source.SelectAsync("SELECT failure FROM reconciliation_runs"))[0][0]);
    }

    [Fact]
    public void The_command_line_names_what_spark_submit_needs()
    {
        var spark = new FakeSpark(_folder);

        var downloaded = SparkSubmission.Locate(spark.SparkOptions with { KafkaPackage = null, PostgresDriver = null })
            .Arguments("options.json");
        var local = SparkSubmission.Locate(spark.SparkOptions).Arguments("options.json");

        string[] begin =
        [
            "--class", "org.apache.spark.deploy.dotnet.DotnetRunner", "--master", "local[2]", "--deploy-mode", "client",
            "--name", "grainsensors-reconcile",
        ];
        string[] end =
        [
            $"{spark.Job}/microsoft-spark-3-5_2.12-2.3.0.jar", "dotnet", $"{spark.Job}/GrainSensors.Reconciliation.Spark.dll",
            "options.json",
        ];
        const string packages = "org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.1,org.postgresql:postgresql:42.7.4";
        Assert.Equal([.. begin, "--packages", packages, .. end], downloaded);
        Assert.Equal([.. begin, "--jars", $"{spark.KafkaJar},{spark.DriverJar}", .. end], local);
    }

    [Fact]
    public void An_error_names_the_missing_file_and_the_command_adds_the_option()
    {
        var options = new FakeSpark(_folder).SparkOptions;

        AssertError(options with { Home = _folder.Path }, "has no bin/spark-submit", "--engine local");
        AssertError(options with { Job = _folder.Path }, "has no GrainSensors.Reconciliation.Spark.dll", "-p:UseSpark=true", "--spark-job");
        AssertError(options with { DotnetJar = "/nowhere.jar" }, "does not exist: /nowhere.jar", "--spark-dotnet-jar");
        AssertError(options with { KafkaPackage = "/nowhere.jar" }, "does not exist: /nowhere.jar", "--spark-kafka");
        AssertError(options with { PostgresDriver = "/nowhere.jar" }, "does not exist: /nowhere.jar", "--spark-postgres");
    }

    [Fact]
    public async Task Without_Spark_the_command_names_SPARK_HOME()
    {
        var environment = new Dictionary<string, string> { ["SPARK_HOME"] = "" };
        await using var log = await ReconciledLog.StartAsync(postgres: await postgres.CreateDatabaseAsync());
        await using var process = Executable.StartWith(
            environment, "reconcile", "--engine", "spark", "--kafka", log.Kafka.BootstrapServers, "--topic", log.Kafka.Options.Topic,
            "--store", $"postgres:{await MigratedAsync()}");
        (await process.ExitAsync()).AssertCouldNotRun("SPARK_HOME");
    }

    [Fact]
    public void Offsets_are_in_the_notation_of_Sparks_Kafka_source()
    {
        var options = Options(new() { [0] = new(3, 17), [1] = new(5, 5), [10] = new(0, 4) });

        Assert.Equal("{\"sensor-data\":[0,10]}", KafkaOffsets.Assignment(options));
        Assert.Equal("{\"sensor-data\":{\"0\":3,\"10\":0}}", KafkaOffsets.Starting(options));
        Assert.Equal("{\"sensor-data\":{\"0\":17,\"10\":4}}", KafkaOffsets.Ending(options));
        Assert.False(KafkaOffsets.Any(Options(new() { [1] = new(5, 5) })));
        var again = JobOptions.Parse(options.ToJson());
        Assert.Equal(options.ToJson(), again.ToJson());
        Assert.Equal(17, again.Ranges[0].End);
    }

    [Fact]
    public void The_statements_follow_the_contract()
    {
        var options = Options(new() { [0] = new(0, 1) }) with { SensorIds = [7, 8], Earliest = 946_684_800_000_000 };

        Assert.Contains("event_time >= 946684800000000", JobStatements.Parse(options), StringComparison.Ordinal);
        Assert.Contains("p.sensor_id IN (7, 8)", JobStatements.TakeReadings(options), StringComparison.Ordinal);
        var result = JobStatements.Result(options);
        Assert.StartsWith("SELECT 'run' AS run_id, windows.* FROM (", result, StringComparison.Ordinal);
        Assert.Contains(
            WindowsStatement.For(Minute, Start, Start + Minute, "humidity", 1), result, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <param name="fact">Part of the engine's error.</param>
    /// <param name="cures">Options that only the command's error names.</param>
    private static void AssertError(SparkOptions options, string fact, params string[] cures)
    {
        var error = Assert.Throws<ReconciliationException>(() => SparkSubmission.Locate(options));
        Assert.Contains(fact, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("--", error.Message, StringComparison.Ordinal);
        var usage = error.ToUsage().Message;
        Assert.StartsWith(error.Message, usage, StringComparison.Ordinal);
        Assert.All(cures, cure => Assert.Contains(cure, usage, StringComparison.Ordinal));
    }

    private async Task<string> MigratedAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var store = WindowStoreAddress.Parse($"postgres:{database}").Open();
        await store.PrepareAsync(CancellationToken.None);
        return database;
    }

    private static SparkEngine Engine(FakeSpark spark, ReconciledLog log, string database) => new(
        SparkSubmission.Locate(spark.SparkOptions), log.Log, new() { ["kafka.bootstrap.servers"] = log.Kafka.BootstrapServers }, null,
        NpgsqlDataSource.Create(database), WindowStoreAddress.Parse($"postgres:{database}").Jdbc!);

    private static JobOptions Options(SortedDictionary<int, JobRange> ranges) => new(
        "run", "sensor-data", [], ranges, Minute, Start, Start + Minute, null,
        [new("temperature", -273.15, 10_000), new("humidity", -100, 200)], 0, "jdbc:postgresql://localhost/x", "me", null,
        RequestedWindows.Statement(new(ReconciledLog.Period, Start, Start + Minute, null, MeasurementSet.Default.All)));
}
