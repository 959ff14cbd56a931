using GrainSensors.Core.Merging;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Tests.Merging;

public sealed class SqliteMergedWindowTests : MergedWindowTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory("grainsensors-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_process_that_is_killed_leaves_no_final_pane_without_a_stale_window()
    {
        var path = Path.Combine(_directory, "killed.db");
        using var child = ChildProcess.Start(SqliteChild.WriteFinal, path);
        for (var writes = 0; writes < 20;)
        {
            writes += (await child.StandardOutput.ReadLineAsync(Stop))?.EndsWith("Written", StringComparison.Ordinal) == true ? 1 : 0;
        }

        child.Kill();
        await child.WaitForExitAsync(Stop);
        await using var store = new SqliteWindowStore(path, Options, Clock);
        await store.PrepareAsync(Stop);
        var panes = (await store.QueryAsync()).ConvertAll(row => row.Key.Window);
        Assert.InRange(panes.Count, 20, int.MaxValue);
        var longer = new LongerPeriods(Period.Default, [WindowPeriod.Parse("PT1H")]);
        var stale = (await store.MergedWindows.ReadStaleAsync(long.MaxValue, long.MaxValue, null, int.MaxValue, Stop))
            .Select(window => window.Id);
        Assert.Equal(panes.SelectMany(longer.Over).ToHashSet(), stale.ToHashSet());
    }

    protected override Task<IStore> OpenAsync(WindowStoreOptions options) =>
        Task.FromResult<IStore>(new SqliteWindowStore(Path.Combine(_directory, "windows.db"), options, Clock));
}
