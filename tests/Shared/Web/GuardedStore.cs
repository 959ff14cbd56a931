using GrainSensors.Storage;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.Tests.Shared;

/// <summary>A store for hosts behind the access rules, and the clock of the hosts and of the store.</summary>
internal sealed class GuardedStore : IAsyncDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private GuardedStore() => Store = new SqliteWindowStore(_folder.File("windows.db"), clock: Clock);

    public SteppingClock Clock { get; } = new(DateTimeOffset.UtcNow);

    public IStore Store { get; }

    public static async Task<GuardedStore> CreateAsync()
    {
        var store = new GuardedStore();
        await store.Store.PrepareAsync(CancellationToken.None);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }
}
