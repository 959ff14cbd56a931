using GrainSensors.Storage;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.Contacts.Tests.Outbox;

public sealed class SqliteRoutingTests : RoutingTests
{
    private readonly TemporaryDirectory _folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(new SqliteWindowStore(_folder.File("windows.db"), clock: Clock));
}
