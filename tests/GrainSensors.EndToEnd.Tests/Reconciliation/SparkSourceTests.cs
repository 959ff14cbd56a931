using System.Text;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Spark;
using GrainSensors.Reconciliation.Spark.Job;
using GrainSensors.Sources.Configuration;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Reconciliation;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Reconciliation;

/// <summary>
/// Readings of sources, which reach a Spark job by way of a staging table. The fake spark-submit sums up what it finds there.
/// </summary>
[Trait("Category", "System")]
public sealed class SparkSourceTests(PostgresServer postgres) : IAsyncLifetime
{
    private const long Start = ReconciledLog.Start;

    private static readonly string Topic = $"uplinks-{Guid.NewGuid():N}";

    private static readonly SourceOptions Source = new()
    {
        Name = "uplinks",
        Topics = [Topic],
        Mapping = new()
        {
            Readings = "/list/*",
            Sensor = "{/id}",
            Time = "/list/*/t",
            Values = new Dictionary<string, string> { ["temperature"] = "/list/*/temp", ["humidity"] = "/list/*/hum" },
        },
    };

    private readonly TemporaryDirectory _folder = new();
    private string _database = "";
    private ReconciledLog? _log;
    private FakeSpark? _spark;

    private ReconciledLog Log => _log!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        _log = await ReconciledLog.StartAsync(1, _database, Source);
        _spark = new(_folder);
        Prepare("false");
    }

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Rows_of_a_source_are_compared_and_corrected()
    {
        var contract = await Log.ProduceAsync(7, Start, 20);
        var mapped = await ProduceAsync("""{"temp":21,"hum":50}""", """{"temp":23}""", """{"hum":52}""");
        var marks = Marks.Empty.Raise(Log.Source(), contract).Raise(Log.Source(0, Topic), mapped);
        WindowRow[] rows = [Row("temperature", [20, 21], marks), Row("humidity", [50, 52], marks)];
        await Log.Store.WriteAsync(rows.Writes(), TestContext.Current.CancellationToken);
        await CheckpointAsync(1, 1);
        Prepare("true");

        var result = await RunAsync();

        var finding = Assert.Single(result.Findings);
        Assert.Equal(("temperature", FindingOutcome.Corrected), (finding.Key?.Measurement, finding.Outcome));
        Assert.Equal((3L, 23.0), (finding.Recomputed?.Count, finding.Recomputed?.Max));
        Assert.Equal((2, 0), (result.Run.Counts.Compared, result.Run.Counts.Unjudged));
        Assert.Equal(new JobRange(0, 1), JobOptions.Parse(_spark!.Options).Ranges[0]);
        Assert.Equal(0, (await RunAsync()).Run.Counts.Findings);
        await using var source = NpgsqlDataSource.Create(_database);
        Assert.Equal(0L, (await source.SelectAsync("SELECT count(*) FROM reconciliation_readings"))[0][0]);
    }

    [Fact]
    public async Task Without_a_message_of_the_contract_the_job_reads_what_is_staged()
    {
        await ProduceAsync("""{"temp":21}""");
        await CheckpointAsync(0, 1);

        var finding = Assert.Single((await RunAsync()).Findings);

        Assert.Equal((FindingKind.Missing, 7), (finding.Kind, finding.Key?.SensorId));
        Assert.False(KafkaOffsets.Any(JobOptions.Parse(_spark!.Options)));
    }

    [Fact]
    public async Task Rejected_readings_are_left_out_and_disputes_are_told_of_both_topics()
    {
        await Log.ProduceAsync("x"u8.ToArray());
        string[] readings = ["""{"temp":21}""", """{"temp":"hot"}""", """{"temp":23}"""];
        var offset = await ProduceAsync(readings);
        await Log.ProduceDeadLetterAsync(Message(readings), "invalid-value", offset, topic: Topic, parts: "1");
        var unread = await Log.ProduceAsync("no JSON"u8.ToArray(), topic: Topic);
        await Log.StoreAsync(7, Start, [21, 23], offset, source: Log.Source(0, Topic));
        await CheckpointAsync(1, 2);
        _spark!.PrepareStatement(_database, Windows("false"), "(:'run', 'rejected', 0, 0)");

        var result = await RunAsync();

        Assert.Equal(
            [new LogPlace(0, 0), new LogPlace(0, unread, Topic)],
            result.Findings.Where(finding => finding.Kind == FindingKind.Parse).Select(finding => finding.Place!.Value));
        Assert.Equal(2, result.Findings.Count);
    }

    [Fact]
    public async Task What_an_earlier_run_has_left_in_the_staging_table_is_removed()
    {
        await ProduceAsync("""{"temp":21}""");
        await CheckpointAsync(0, 1);
        var earlier = (await RunAsync()).Run.Id;
        await using var source = NpgsqlDataSource.Create(_database);
        await source.ExecuteAsync($"INSERT INTO reconciliation_readings VALUES ('{earlier}', 7, {Start}, ARRAY[1, NULL])");
        await source.ExecuteAsync($"UPDATE reconciliation_runs SET ended_at = now() - interval '1 hour' WHERE run_id = '{earlier}'");

        await RunAsync();

        Assert.Equal(0L, (await source.SelectAsync("SELECT count(*) FROM reconciliation_readings"))[0][0]);
    }

    private Task<ReconciliationResult> RunAsync() => Log.RunAsync(wrap: _ => new SparkEngine(
        SparkSubmission.Locate(_spark!.SparkOptions), Log.Log, new() { ["kafka.bootstrap.servers"] = Log.Kafka.BootstrapServers }, null,
        NpgsqlDataSource.Create(_database), WindowStoreAddress.Parse($"postgres:{_database}").Jdbc!));

    /// <param name="contract">Whether the job finds the reading of the contract, in SQL.</param>
    private void Prepare(string contract) => _spark!.PrepareStatement(_database, Windows(contract));

    private static string Windows(string contract)
    {
        var options = new JobOptions(
            "run", "", [], [], 0, 0, 0, null, [new("temperature", 0, 0), new("humidity", 0, 0)], 0, "", "", null, "");
        return $"""
            SELECT :'run', sensor_id, metric, event_time - event_time % {ReconciledLog.Period.TotalMicros},
                count(value), min(value), max(value), avg(value), var_pop(value)
            FROM (
                SELECT sensor_id, event_time, 'temperature' AS metric, value_0 AS value FROM {Mapped()}
                UNION ALL
                SELECT sensor_id, event_time, 'humidity', value_1 FROM {Mapped()}
                UNION ALL
                SELECT 7, {Start}, 'temperature', 20 WHERE {contract}) AS readings
            WHERE value IS NOT NULL
            GROUP BY 2, 3, 4
            """;

        string Mapped() => JobStatements.MappedQuery(options).Replace("'run'", ":'run'", StringComparison.Ordinal);
    }

    private Task<long> ProduceAsync(params string[] readings) => Log.ProduceAsync(Message(readings), topic: Topic);

    /// <param name="readings">Objects, of which each gets a time.</param>
    private static byte[] Message(params string[] readings)
    {
        var list = readings.Select((reading, i) => $"{{\"t\":{(Start / EpochTime.MicrosPerSecond) + i},{reading[1..]}");
        return Encoding.UTF8.GetBytes($"{{\"id\":7,\"list\":[{string.Join(',', list)}]}}");
    }

    private static WindowRow Row(string measurement, double[] values, Marks marks) => new(
        new(7, measurement, ReconciledLog.Period, Start),
        values.Aggregate(default(Core.Statistics.RunningStatistics), (all, value) => all.Add(value)),
        marks, Random.Shared.NextInt64(), 0, IsFinal: true);

    private async Task CheckpointAsync(long ofContract, long ofSource)
    {
        await Log.CheckpointAsync(ofContract);
        await Log.CheckpointAsync(ofSource, topic: Topic);
    }
}
