using System.Security.Cryptography;
using System.Text;
using GrainSensors.Storage.Migrations;
using GrainSensors.Storage.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>Stores of older programs, and of newer ones.</summary>
[Trait("Category", "System")]
public sealed class MigrationTests(PostgresServer server) : IDisposable
{
    /// <summary>The last migration of the program that recorded no oldest program.</summary>
    private const string LastWithoutRecord = "0012_sensor_reports.sql";

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Dialects => ["postgres", "sqlite"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("postgres", "d207f834706c2ed6")]
    [InlineData("sqlite", "6d8afec619cdcf25")]
    public void Migrations_that_have_landed_stay_as_they_are(string dialect, string expected)
    {
        var lines = OldStore.Scripts(dialect, LastWithoutRecord).SelectMany(script => script.Contents.Split('\n'))
            .Where(line => !line.StartsWith("-- oldest-program:", StringComparison.Ordinal));
        var text = string.Concat(lines.Select(line => line + "\n"));
        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]);
    }

    /// <summary>Else the record names the program that ran the migration, which may be newer than the oldest one.</summary>
    [Theory]
    [MemberData(nameof(Dialects))]
    public void Every_migration_names_the_oldest_program_in_its_first_line(string dialect) => Assert.All(
        MigrationScripts.Of(dialect),
        script => Assert.Matches(@"^-- oldest-program: \d+\.\d+\.\d+\n", script.Contents));

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_store_of_the_program_before_is_migrated_and_keeps_its_rows(string dialect)
    {
        await using var old = await LandedAsync(dialect);
        var store = old.Store;
        await old.InsertAsync(Row());
        Assert.Contains("Run the migration 0014_oldest_program.sql.", await store.PlanAsync(Stop));
        await store.PrepareAsync(Stop);
        await store.PrepareAsync(Stop);
        Assert.Empty(await store.PlanAsync(Stop));
        Assert.Equal([Row()], await store.QueryAsync());
        var records = await old.SelectAsync("SELECT scriptname, oldest_program FROM grainsensors_migrations ORDER BY 1");
        Assert.Equal(MigrationScripts.Of(dialect).Select(script => script.Name), records.Select(record => (string)record[0]!));
        Assert.All(records, record => Assert.Matches(@"^\d+\.\d+\.\d+$", (string)record[1]!));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_migration_of_a_newer_program_decides_which_programs_may_use_the_store(string dialect)
    {
        await using var old = await LandedAsync(dialect);
        var store = old.Store;
        await store.PrepareAsync(Stop);
        await RecordAsync("'0.0.9'");
        await store.PrepareAsync(Stop);
        await store.CheckAsync(Stop);
        Assert.Empty(await store.PlanAsync(Stop));

        await RecordAsync("'99.1.0'");
        await RefusesAsync($"requires grainsensors 99.1.0 or later since the migration 9999_future.sql; this is ");
        await RecordAsync("'next year'");
        await RefusesAsync("requires grainsensors next year or later");
        await RecordAsync("NULL");
        await RefusesAsync("has run the migration 9999_future.sql, which grainsensors ");

        async Task RecordAsync(string oldest)
        {
            await old.SelectAsync("DELETE FROM grainsensors_migrations WHERE scriptname = '9999_future.sql'");
            await old.SelectAsync(
                "INSERT INTO grainsensors_migrations (scriptname, applied, oldest_program) "
                + $"VALUES ('9999_future.sql', '2030-01-01 00:00:00', {oldest})");
        }

        async Task RefusesAsync(string reason)
        {
            Func<Task>[] calls = [() => store.PrepareAsync(Stop), () => store.PlanAsync(Stop), () => store.CheckAsync(Stop)];
            foreach (var call in calls)
            {
                var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(call);
                Assert.Contains(reason, e.Message, StringComparison.Ordinal);
                IsOneSentenceWithoutSecrets(e.Message);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task An_alert_of_the_program_before_becomes_one_interval(string dialect)
    {
        await using var old = await LandedAsync(dialect);
        var store = old.Store;
        var (open, cleared) = (Guid.NewGuid(), Guid.NewGuid());
        string Time(int second) => dialect == "sqlite" ? $"{second * 1_000_000L}" : $"to_timestamp({second})";
        foreach (var (id, sensor, clearedAt) in new[] { (open, 1, "NULL"), (cleared, 2, Time(30)) })
        {
            await old.SelectAsync(
                $"""
                INSERT INTO alerts (alert_id, sensor_id, measurement, kind, level, raised_at, last_raised_at, cleared_at, occurrences,
                    message, updated_at)
                VALUES ('{id}', {sensor}, '', 'disconnected', 'ERROR', {Time(10)}, {Time(20)}, {clearedAt}, 3, '', {Time(30)})
                """);
        }

        await store.PrepareAsync(Stop);

        Assert.Equal([new(open, 3, 20_000_000, null)], await store.Alerts.ReadIntervalsAsync(new([open]), Stop));
        Assert.Equal([new(cleared, 3, 20_000_000, 30_000_000)], await store.Alerts.ReadIntervalsAsync(new([cleared]), Stop));
    }

    private Task<OldStore> LandedAsync(string dialect) =>
        OldStore.CreateAsync(dialect, LastWithoutRecord, server, _directory);
}
