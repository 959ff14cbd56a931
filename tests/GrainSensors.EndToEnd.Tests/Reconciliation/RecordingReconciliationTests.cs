using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.EndToEnd.Tests.Exactness;
using GrainSensors.Storage.Opening;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Reconciliation;

/// <summary>Replayed recordings have no difference. Rows damaged afterwards are found and corrected, and no other row changes.</summary>
[Trait("Category", "System")]
public sealed class RecordingReconciliationTests(PostgresServer postgres) : IDisposable
{
    private const string Range = "2000-01-01";
    private static readonly CancellationToken Stop = CancellationToken.None;
    private readonly TemporaryDirectory _folder = new();

    [Theory]
    [InlineData("postgres", "PT15M")]
    [InlineData("postgres", "PT1M")]
    [InlineData("sqlite", "PT15M")]
    public async Task Replayed_windows_are_equal_and_a_hundred_damaged_rows_are_found_and_corrected(string kind, string period)
    {
        foreach (var recording in Recordings.Of(_folder.Path))
        {
            await using var kafka = await TestKafka.StartAsync(partitions: 8);
            var settings = ReconcileProgram.KafkaSettings.Of(kafka);
            var database = kind == "postgres"
                ? await postgres.CreateDatabaseAsync()
                : _folder.File($"{Path.GetFileNameWithoutExtension(recording)}.db");
            var address = $"{kind}:{database}";
            await ReplayAsync(recording, settings, address, period);
            await ExecuteAsync(kind, database, AnAlert);

            var equal = await ReconcileProgram.RunAsync(settings, address, "--from", Range, "--period", period);
            Assert.True(equal.ExitCode == 0 && equal["differences"] == 0, equal.Text);
            var before = await RowsAsync(address);
            Assert.Equal(before.Count, equal["compared"]);

            var damage = new DamagedRows([.. before.Values], seed: 7);
            await using (var store = WindowStoreAddress.Parse(address).Open())
            {
                await damage.ApplyAsync(store);
            }

            var damaged = await RowsAsync(address);
            var dry = await ReconcileProgram.RunAsync(settings, address, "--from", Range, "--period", period, "--dry-run");
            AssertFound(damage, dry, "reported");
            Assert.Equal(damaged.Values.OrderBy(Order), (await RowsAsync(address)).Values.OrderBy(Order));

            var run = await ReconcileProgram.RunAsync(settings, address, "--from", Range, "--period", period);
            AssertFound(damage, run, "corrected");
            AssertCorrected(before, await RowsAsync(address), damage, run.RunId);
            Assert.Equal(AlertMessage, await ScalarAsync(kind, database, $"SELECT message FROM alerts WHERE alert_id = '{AlertId}'"));
            Assert.Equal(100L, Convert.ToInt64(await ScalarAsync(
                kind, database, $"SELECT count(*) FROM reconciliation_findings WHERE outcome = 'corrected' AND run_id = '{run.RunId}'")));
            Assert.Equal(100L, Convert.ToInt64(await ScalarAsync(
                kind, database, $"SELECT corrected FROM reconciliation_runs WHERE ended_at IS NOT NULL AND run_id = '{run.RunId}'")));

            var second = await ReconcileProgram.RunAsync(settings, address, "--from", Range, "--period", period);
            Assert.True(second.ExitCode == 0 && second["differences"] == 0, second.Text);
            Assert.Equal(before.Count, second["compared"]);
        }
    }

    public void Dispose() => _folder.Dispose();

    private const string AlertId = "00112233-4455-6677-8899-aabbccddeeff";
    private const string AlertMessage = "Sensor 3: disconnected";

    private const string AnAlert =
        $"""
        INSERT INTO alerts (alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, occurrences, message, updated_at)
        SELECT '{AlertId}', 2000000, '', 'disconnected', 'ERROR', window_start, window_start, 1, '{AlertMessage}', window_start
        FROM sensor_windows LIMIT 1
        """;

    private static async Task ReplayAsync(string recording, ReconcileProgram.KafkaSettings kafka, string store, string period)
    {
        var environment = new Dictionary<string, string>
        {
            ["GrainSensors__Kafka__Topic"] = kafka.Topic,
            ["GrainSensors__Kafka__DeadLetterTopic"] = kafka.DeadLetterTopic,
        };
        await using var replay = Executable.StartWith(
            environment, "replay", recording, "--kafka", kafka.Servers, "--yes", "--store", store, "--period", period);
        var end = await replay.ExitAsync();
        Assert.True(end.ExitCode == 0, end.ToString());
    }

    private static void AssertFound(DamagedRows damage, ReconcileProgram.Result result, string outcome)
    {
        Assert.True(result.ExitCode == 4, result.Text);
        Assert.Equal(100, result["differences"]);
        foreach (var (kind, keys) in damage.Keys)
        {
            var found = result.Findings.Where(finding => finding.Kind == kind)
                .Select(finding => (finding.Sensor, finding.Measurement!, EpochTime.From(finding.Start!.Value)));
            Assert.Equal(keys.Select(key => ((int?)key.SensorId, key.Measurement, key.Start)).Order(), found.Order());
        }

        Assert.All(result.Findings, finding => Assert.Equal(outcome, finding.Outcome));
    }

    private static void AssertCorrected(
        Dictionary<WindowKey, WindowRow> before, Dictionary<WindowKey, WindowRow> after, DamagedRows damage, Guid run)
    {
        var corrected = damage.Keys.Where(kind => kind.Key != "surplus").SelectMany(kind => kind.Value).ToHashSet();
        var windows = corrected.Select(key => key.Window).ToHashSet();
        Assert.Equal(before.Keys.ToHashSet(), [.. after.Keys]);
        Assert.All(before, pair =>
        {
            var (was, isNow) = (pair.Value, after[pair.Key]);
            if (!windows.Contains(pair.Key.Window))
            {
                Assert.Equal(was, isNow);
                return;
            }

            if (!corrected.Contains(pair.Key))
            {
                Assert.Equal(was.Statistics, isNow.Statistics);
                return;
            }

            var (want, have) = (was.Statistics, isNow.Statistics);
            Assert.Equal((want.Count, want.Min, want.Max), (have.Count, have.Min, have.Max));
            Assert.Equal(want.Mean, have.Mean, 1e-9 * Math.Max(1, Math.Abs(want.Mean)));
            Assert.Equal(
                want.PopulationStandardDeviation, have.PopulationStandardDeviation, 1e-9 * Math.Max(1, want.PopulationStandardDeviation));
            Assert.True(isNow.IsFinal && isNow.Revision > 0 && isNow.CorrectedBy == run, isNow.ToString());
            Assert.All(was.Marks.ToArray(), mark => Assert.True(isNow.Marks[mark.Source] >= mark.Offset));
        });
    }

    private static async Task<Dictionary<WindowKey, WindowRow>> RowsAsync(string address)
    {
        await using var store = WindowStoreAddress.Parse(address).Open();
        return (await store.QueryAsync()).ToDictionary(row => row.Key);
    }

    private static (int, string, long) Order(WindowRow row) => (row.Key.SensorId, row.Key.Measurement, row.Key.Start);

    private static async Task ExecuteAsync(string kind, string database, params string[] statements)
    {
        foreach (var statement in statements)
        {
            await ScalarAsync(kind, database, statement);
        }
    }

    private static async Task<object?> ScalarAsync(string kind, string database, string sql)
    {
        await using System.Data.Common.DbConnection connection = kind == "postgres"
            ? new NpgsqlConnection(database)
            : new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Stop);
    }
}
