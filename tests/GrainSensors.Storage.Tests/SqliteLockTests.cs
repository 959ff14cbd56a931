using System.Diagnostics;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>A file has one writer, by whatever path it is named.</summary>
[Trait("Category", "System")]
public sealed class SqliteLockTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private SqliteWindowStore? _store;

    private SqliteWindowStore Store => _store!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_directory.File("real"));
        _store = new(_directory.File("real/a.db"));
        await _store.PrepareAsync(Stop);
        File.CreateSymbolicLink(_directory.File("symbolic.db"), _directory.File("real/a.db"));
        Directory.CreateSymbolicLink(_directory.File("directory"), _directory.File("real"));
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_file_with_two_names_is_refused_because_its_log_has_one()
    {
        using (var link = Process.Start("ln", [_directory.File("real/a.db"), _directory.File("hard.db")]))
        {
            await link.WaitForExitAsync(Stop);
        }

        Assert.Contains("is written by another process", await PrepareAsync("hard.db"), StringComparison.Ordinal);
        await Store.CheckAsync(Stop);
        await Store.DisposeAsync();

        Assert.Contains("has 2 names (hard links)", await PrepareAsync("hard.db"), StringComparison.Ordinal);
        File.Delete(_directory.File("hard.db"));
        Assert.Equal("prepared", await PrepareAsync("real/a.db"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_deleted_or_replaced_while_it_is_written_is_reported(bool isReplaced)
    {
        await Store.ProbeAsync(Stop);
        File.Delete(_directory.File("real/a.db"));
        if (isReplaced)
        {
            await File.WriteAllTextAsync(_directory.File("real/a.db"), "", Stop);
        }

        var probe = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => Store.ProbeAsync(Stop));
        var check = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => Store.CheckAsync(Stop));

        Assert.Contains("was deleted or replaced while this process writes it", probe.Message, StringComparison.Ordinal);
        Assert.Equal(probe.Message, check.Message);
    }

    [Theory]
    [InlineData("real/a.db")]
    [InlineData("real/../real/./a.db")]
    [InlineData("symbolic.db")]
    [InlineData("directory/a.db")]
    public async Task Another_process_is_refused_by_every_path_until_the_first_has_closed_the_file(string path)
    {
        Assert.Contains("is written by another process", await PrepareAsync(path), StringComparison.Ordinal);
        Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(Row()));
        await Store.DisposeAsync();
        Assert.Equal("prepared", await PrepareAsync(path));
    }

    [Theory]
    [InlineData("a.db")]
    [InlineData("../symbolic.db")]
    public async Task Another_process_is_refused_by_a_path_from_its_own_directory(string path)
    {
        using var child = ChildProcess.Start(SqliteChild.Prepare, path, _directory.File("real"));
        Assert.Contains("is written by another process", await child.StandardOutput.ReadToEndAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_file_can_be_read_by_its_user_only()
    {
        await Store.WriteAsync(Row());
        foreach (var file in Directory.GetFiles(_directory.File("real")))
        {
            var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(file);
            Assert.True(OperatingSystem.IsWindows() || mode == (UnixFileMode.UserRead | UnixFileMode.UserWrite), $"{file}: {mode}");
        }
    }

    [Fact]
    public async Task A_file_that_another_tool_locks_is_named_to_everyone_who_waits()
    {
        await using var tool = new SqliteConnection($"Data Source={_directory.File("real/a.db")};Pooling=False");
        await tool.OpenAsync(Stop);
        await ExecuteAsync("BEGIN IMMEDIATE");
        var started = Stopwatch.GetTimestamp();
        var writes = Enumerable.Range(0, 3).Select(async shard =>
        {
            var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(
                () => Store.WriteCheckpointAsync(new(new(Guid.NewGuid(), shard), 1, 0, 0), Stop));
            Assert.StartsWith($"The window store {Store.Description} is locked by another process: ", e.Message, StringComparison.Ordinal);
            IsOneSentenceWithoutSecrets(e.Message);
        });
        await Task.WhenAll(writes);

        // Grains wait 10 s for an answer; one after the other the calls would take 15 s.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 4, 9.5);
        await ExecuteAsync("ROLLBACK");
        Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(Row()));

        async Task ExecuteAsync(string sql)
        {
            await using var command = tool.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync(Stop);
        }
    }

    private async Task<string> PrepareAsync(string path)
    {
        using var child = ChildProcess.Start(SqliteChild.Prepare, _directory.File(path));
        return (await child.StandardOutput.ReadToEndAsync(Stop)).Trim();
    }
}
