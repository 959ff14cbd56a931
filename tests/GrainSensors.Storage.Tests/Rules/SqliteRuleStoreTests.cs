using GrainSensors.Storage.Sqlite;

namespace GrainSensors.Storage.Tests.Rules;

public sealed class SqliteRuleStoreTests : RuleStoreTests
{
    private readonly TemporaryDirectory _directory = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(new SqliteWindowStore(_directory.File("windows.db")));
}
