using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

[Trait("Category", "System")]
public sealed class SqliteWindowStoreTests : WindowStoreTests
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"grainsensors-{Guid.NewGuid():N}");

    private string FilePath => Path.Combine(_directory, "sub", "windows.db");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    protected override string DamageSketches => "UPDATE windows SET sketch = substr(sketch, 1, 3)";

    [Fact]
    public async Task Eight_tasks_can_prepare_the_store_at_once()
    {
        await using var store = new SqliteWindowStore(Path.Combine(_directory, "eight.db"), Options, Clock);
        Assert.Contains("Run the migration 0001_windows.sql.", await store.PlanAsync(Stop));
        Assert.False(File.Exists(Path.Combine(_directory, "eight.db")));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.PrepareAsync(Stop)));
        Assert.Empty(await store.PlanAsync(Stop));
    }

    [Fact]
    public async Task A_second_store_on_the_same_file_is_refused_until_the_first_is_closed()
    {
        await using var second = new SqliteWindowStore(FilePath, Options, Clock);
        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => second.WriteAsync(Row()));
        Assert.Contains("written by another process", e.Message, StringComparison.Ordinal);
        IsOneSentenceWithoutSecrets(e.Message);
        await Store.WriteAsync(Row());
        Assert.Single(await second.QueryAsync());

        await Store.DisposeAsync();
        Assert.Equal(WriteOutcome.Written, await second.WriteAsync(Row(8)));
    }

    [Fact]
    public async Task A_second_process_may_read_the_file_but_not_write_it()
    {
        await Store.WriteAsync(Row());
        using var writer = ChildProcess.Start(SqliteChild.Prepare, FilePath);
        Assert.Contains("is written by another process", await writer.StandardOutput.ReadToEndAsync(Stop), StringComparison.Ordinal);
        using var reader = ChildProcess.Start(SqliteChild.Count, FilePath);
        Assert.Equal("1", (await reader.StandardOutput.ReadToEndAsync(Stop)).Trim());
    }

    [Fact]
    public async Task A_killed_process_loses_no_acknowledged_row_and_releases_the_file()
    {
        var path = Path.Combine(_directory, "killed.db");
        using var child = ChildProcess.Start(SqliteChild.WriteForever, path);
        var acknowledged = 0L;
        while (acknowledged < 20)
        {
            Read(await child.StandardOutput.ReadLineAsync(Stop));
        }

        child.Kill();
        while (await child.StandardOutput.ReadLineAsync(Stop) is { } line)
        {
            Read(line);
        }

        await child.WaitForExitAsync(Stop);
        await using var store = new SqliteWindowStore(path, Options, Clock);
        await store.PrepareAsync(Stop);
        var tokens = (await store.QueryAsync()).ConvertAll(row => row.RowVersion);
        Assert.Equal(20, tokens.Count);
        // A transaction writes all its rows or none. The last one may have happened although its answer was lost.
        Assert.InRange(Assert.Single(tokens.Distinct()), acknowledged, acknowledged + 1);

        void Read(string? line)
        {
            // The kill may cut off the last line.
            if (line?.Split(' ') is [var token, "Written"])
            {
                acknowledged = long.Parse(token, null);
            }
        }
    }

    [Fact]
    public async Task A_path_that_cannot_be_written_is_reported_in_one_sentence()
    {
        var file = Path.Combine(_directory, "file");
        await File.WriteAllTextAsync(file, "", Stop);
        foreach (var path in new[] { Path.Combine(file, "below.db"), _directory, "/proc/grainsensors/windows.db" })
        {
            await using var store = new SqliteWindowStore(path, Options, Clock);
            var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.PrepareAsync(Stop));
            Assert.StartsWith($"The window store sqlite:{path} ", e.Message, StringComparison.Ordinal);
            IsOneSentenceWithoutSecrets(e.Message);
            Assert.DoesNotContain("another process", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_reported_in_one_sentence_and_stays_unchanged()
    {
        var file = Path.Combine(_directory, "notes.txt");
        await File.WriteAllTextAsync(file, new string('x', 10_000), Stop);
        await using var store = new SqliteWindowStore(file, Options, Clock);
        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.PrepareAsync(Stop));
        IsOneSentenceWithoutSecrets(e.Message);
        Assert.Equal(10_000, new FileInfo(file).Length);
    }

    [Fact]
    public async Task A_file_that_does_not_exist_is_named_by_its_full_path()
    {
        await using var store = new SqliteWindowStore("none/grainsensors.db", Options, Clock);
        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => WindowRows.ReadAsync(store, Row()));
        Assert.True(e.IsMissing);
        Assert.Equal(
            "The window store sqlite:none/grainsensors.db does not exist: there is no file "
            + $"{Path.Combine(Environment.CurrentDirectory, "none/grainsensors.db")}.",
            e.Message);
    }

    [Fact]
    public async Task A_table_of_the_old_pipeline_is_renamed_kept_and_shown()
    {
        var path = Path.Combine(_directory, "old.db");
        await using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            await connection.OpenAsync(Stop);
            await using var command = connection.CreateCommand();
            command.CommandText =
                """
                CREATE TABLE sensor_temperatures (sensor_id INT, window_start TIMESTAMP, window_end TIMESTAMP,
                    avg_temperature DECIMAL(5,2), min_temperature DECIMAL(5,2), max_temperature DECIMAL(5,2));
                INSERT INTO sensor_temperatures VALUES (1, '2026-11-24 10:00:00', '2026-11-24 10:15:00', 20.5, 19.25, 21),
                    (7, '2026-11-24 10:15:00', '2026-11-24 10:30:00', 1, 1, 1);
                """;
            await command.ExecuteNonQueryAsync(Stop);
        }

        await using var store = new SqliteWindowStore(path, Options, Clock);
        Assert.Contains(
            "Rename the table sensor_temperatures to sensor_temperatures_legacy; nothing is dropped.", await store.PlanAsync(Stop));
        await store.PrepareAsync(Stop);
        await store.PrepareAsync(Stop);
        await store.WriteAsync(Row(7));
        Assert.Empty(await store.PlanAsync(Stop));
        var rows = await SelectAsync("SELECT sensor_id, avg_temperature FROM sensor_temperatures ORDER BY 1", path);
        Assert.Equal([(1L, 20.5), (7L, 21.5)], rows.Select(row => ((long)row[0]!, (double)row[1]!)));
    }

    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(new SqliteWindowStore(FilePath, Options, Clock));

    protected override Task<List<object?[]>> SelectAsync(string sql) => SelectAsync(sql, FilePath);

    private static async Task<List<object?[]>> SelectAsync(string sql, string path)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(Stop);
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(Stop))
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(Array.ConvertAll(row, value => value is DBNull ? null : value));
        }

        return rows;
    }
}
