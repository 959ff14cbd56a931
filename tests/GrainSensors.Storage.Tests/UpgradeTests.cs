using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>The upgrade of a store of version 0.1, which had a row for each measurement of a window.</summary>
[Trait("Category", "System")]
public sealed class UpgradeTests(PostgresServer server) : IDisposable
{
    private const long Day = 96 * Quarter;

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Dialects => ["postgres", "sqlite"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task The_measurements_of_a_window_become_one_row_and_the_view_shows_them_as_before(string dialect)
    {
        await using var old = await OldAsync(dialect);
        var other = new SourceId(Guid.NewGuid(), 1);
        WindowRow[] rows =
        [
            Row(7, statistics: new(3, 0.1, 1e-9, -0.25, 1e300), revision: 2, isFinal: true),
            Row(7, "humidity", statistics: new(2, 60, 0, 60, 60), marks: Marks.Empty.Raise(Source, 40).Raise(other, 3), isFinal: true),
            Row(7, start: Start - Day, length: Day),
            Row(7, start: Start + (100 * Day), isFinal: true),
            Row(8, length: 60 * EpochTime.MicrosPerSecond, isFinal: true),
            Row(9, "humidity"),
        ];
        for (var i = 0; i < rows.Length; i++)
        {
            await old.InsertAsync(rows[i] with { RowVersion = i + 1 });
        }

        var before = await ViewAsync(old);
        await old.Store.PrepareAsync(Stop);

        Assert.Equal(before, await ViewAsync(old));
        var window = Assert.Single(await old.Store.ReadAsync([new(7, Period.Default, Start)], Stop));
        Assert.Equal(["humidity", "temperature"], window.Measurements.Select(measured => measured.Measurement));
        Assert.Equal(Marks.Empty.Raise(Source, 41).Raise(other, 3), window.Marks);
        Assert.Equal((2, true, false, null), (window.Revision, window.IsFinal, window.IsDue, window.Latest));
        Assert.Equal([new(7, Period.FromSeconds(86_400), Start - Day), new(9, Period.Default, Start)],
            (await old.Store.ReadOpenAsync(Stop)).Select(open => open.Window).OrderBy(open => open.SensorId));
        Assert.Empty(await old.Store.PlanAsync(Stop));
        Assert.Equal(
            WriteOutcome.Written, (await old.Store.WriteAsync([new(window with { RowVersion = 9 }, window.RowVersion)], Stop))[0]);
        await old.Store.MaintainAsync(Stop);
        Assert.Equal(6, (await old.Store.QueryAsync()).Count);
        Assert.Empty(await old.Store.ReadLatestAsync(["temperature"], Stop));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Statements_of_the_old_program_fail_afterwards_and_name_the_reason(string dialect)
    {
        await using var old = await OldAsync(dialect);
        await old.InsertAsync(Row(7));
        await old.Store.PrepareAsync(Stop);

        foreach (var statement in new[] { "UPDATE sensor_windows SET token = 2 WHERE sensor_id = 7", "DELETE FROM sensor_windows" })
        {
            await RefusesAsync(() => old.SelectAsync(statement));
        }

        await RefusesAsync(() => old.InsertAsync(Row(8)));
        Assert.Equal([Row(7)], await old.Store.QueryAsync());

        async Task RefusesAsync(Func<Task> statement)
        {
            var refusal = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(statement);
            Assert.Contains(
                dialect == "sqlite" ? "because it is a view" : "was migrated to grainsensors 0.2; stop this process",
                refusal.Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_store_whose_program_was_killed_is_refused_with_the_cure_and_stays_as_it_is(string dialect)
    {
        await using var old = await OldAsync(dialect);
        await old.InsertAsync(Row(7, marks: Marks.Empty.Raise(Source, 41)));
        await old.InsertAsync(Row(7, "humidity", marks: Marks.Empty.Raise(Source, 30)));
        await old.InsertCheckpointAsync(Source, 31);

        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => old.Store.PrepareAsync(Stop));

        Assert.Contains("sensor 7 from 2026-11-24T10:15:00Z has readings beyond the checkpoint", e.Message, StringComparison.Ordinal);
        IsOneSentenceWithoutSecrets(e.Message.Split(". ")[^1]);
        Assert.Equal(2, (await old.SelectAsync("SELECT marks FROM sensor_windows WHERE token > 0")).Count);
        await old.SelectAsync("UPDATE checkpoints SET next_offset = 42");
        await old.Store.PrepareAsync(Stop);
        Assert.Equal(2, (await old.Store.QueryAsync()).Count);
    }

    [Fact]
    public async Task A_migration_that_is_interrupted_between_two_days_goes_on_later()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using var old = await OldStore.CreateAsync(
            "postgres", LastOfOldProgram, server, _directory, new StopsAtFirstMove(stopping));
        foreach (var day in Enumerable.Range(0, 5))
        {
            await old.InsertAsync(Row(day, start: Start - (day * Day), isFinal: true));
            await old.SelectAsync($"SELECT create_window_partitions(ARRAY['{EpochTime.ToIso8601(Start - (day * Day))[..10]}'::date])");
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => old.Store.PrepareAsync(stopping.Token));
        Assert.Equal(1L, (await old.SelectAsync("SELECT count(*) FROM windows"))[0][0]);
        Assert.Equal(4L, (await old.SelectAsync("SELECT count(*) FROM sensor_windows_0_1"))[0][0]);
        Assert.Contains("Move the windows of version 0.1", string.Join(' ', await old.Store.PlanAsync(Stop)), StringComparison.Ordinal);

        await old.Store.PrepareAsync(Stop);
        Assert.Equal([0, 1, 2, 3, 4], (await old.Store.QueryAsync()).Select(row => row.Key.SensorId));
        Assert.Null((await old.SelectAsync("SELECT to_regclass('sensor_windows_0_1')::text"))[0][0]);
    }

    [Fact]
    public async Task A_view_that_uses_the_old_table_is_named()
    {
        await using var old = await OldAsync("postgres");
        await old.SelectAsync("CREATE VIEW busiest AS SELECT sensor_id FROM sensor_windows WHERE sample_count > 900");

        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => old.Store.PrepareAsync(Stop));
        Assert.Contains("while busiest uses the table sensor_windows", e.Message, StringComparison.Ordinal);
        IsOneSentenceWithoutSecrets(e.Message);

        await old.SelectAsync("DROP VIEW busiest");
        await old.Store.PrepareAsync(Stop);
    }

    [Fact]
    public async Task Readers_of_the_old_table_may_read_the_view_and_its_writers_the_new_table()
    {
        await using var old = await OldAsync("postgres");
        var (reader, writer) = ($"reader_{Guid.NewGuid():N}", $"writer_{Guid.NewGuid():N}");
        await old.SelectAsync($"CREATE ROLE {reader}; CREATE ROLE {writer}");
        await old.SelectAsync($"GRANT SELECT ON sensor_windows TO {reader}; GRANT SELECT, INSERT, UPDATE ON sensor_windows TO {writer}");

        await old.Store.PrepareAsync(Stop);

        var rights = (await old.SelectAsync(
            $"""
            SELECT has_table_privilege('{reader}', 'sensor_windows', 'SELECT'), has_table_privilege('{reader}', 'windows', 'INSERT'),
                has_table_privilege('{writer}', 'windows', 'UPDATE')
            """))[0];
        Assert.Equal([true, false, true], rights);
    }

    /// <summary>The last migration of version 0.1.</summary>
    private const string LastOfOldProgram = "0016_window_partitions.sql";

    private static async Task<List<string>> ViewAsync(OldStore old) =>
    [
        .. (await old.SelectAsync(
            """
            SELECT sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max FROM sensor_windows
            ORDER BY sensor_id, metric, window_start, window_end
            """)).Select(row => string.Join(' ', row)),
    ];

    private Task<OldStore> OldAsync(string dialect) => OldStore.CreateAsync(dialect, LastOfOldProgram, server, _directory);

    private sealed class StopsAtFirstMove(CancellationTokenSource stopping) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 2015)
            {
                stopping.Cancel();
            }
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
