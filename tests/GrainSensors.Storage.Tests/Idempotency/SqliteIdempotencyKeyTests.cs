using GrainSensors.Storage.Sqlite;

namespace GrainSensors.Storage.Tests.Idempotency;

public sealed class SqliteIdempotencyKeyTests : IdempotencyKeyTests
{
    private readonly TemporaryDirectory _directory = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override Task<IStore> OpenAsync() =>
        Task.FromResult<IStore>(new SqliteWindowStore(_directory.File("windows.db"), clock: Clock));

    protected override Task AgeAsync(TimeSpan age)
    {
        Clock.Step(age);
        return Task.CompletedTask;
    }
}
