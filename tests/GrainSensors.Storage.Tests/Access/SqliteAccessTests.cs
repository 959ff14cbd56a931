using GrainSensors.Storage.Sqlite;

namespace GrainSensors.Storage.Tests.Access;

public sealed class SqliteAccessTests : AccessStoreTests
{
    private readonly TemporaryDirectory _directory = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override Task<IStore> OpenAsync() =>
        Task.FromResult<IStore>(new SqliteWindowStore(_directory.File("windows.db"), clock: Clock));

    protected override Task SetBackAsync(TimeSpan step)
    {
        Clock.Step(-step);
        return Task.CompletedTask;
    }
}
