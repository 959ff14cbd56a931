using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>Outages of PostgreSQL, on a server that no other test uses.</summary>
[Trait("Category", "System")]
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private readonly PostgresServer _server = new();
    private PostgresWindowStore? _store;

    private PostgresWindowStore Store => _store!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = new(await _server.CreateDatabaseAsync(), new() { Retention = TimeSpan.FromDays(2) });
        await _store.PrepareAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_outage_is_reported_in_one_sentence_and_ends_with_the_return_of_the_server()
    {
        await Store.WriteAsync(Row(1));
        await _server.StopAsync();
        Func<Task>[] calls =
        [
            () => Store.WriteAsync(Row(2)),
            () => WindowRows.ReadAsync(Store, Row(1)),
            () => Store.ReadOpenAsync(Stop),
            () => Store.QueryAsync(),
            () => Store.ReadCheckpointAsync(Source, Stop),
            () => Store.WriteCheckpointAsync(new(Source, 1, 0, 0), Stop),
            () => Store.PrepareAsync(Stop),
            () => Store.PlanAsync(Stop),
            () => Store.MaintainAsync(Stop),
        ];
        foreach (var call in calls)
        {
            // The first use of each pooled connection fails, later ones are refused.
            var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(call);
            Assert.StartsWith($"The window store {Store.Description} ", e.Message, StringComparison.Ordinal);
            IsOneSentenceWithoutSecrets(e.Message);
        }

        await _server.StartAsync();
        Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(Row(2)));
        Assert.Equal(2, (await Store.QueryAsync()).Count);
    }

    [Fact]
    public async Task A_server_crash_under_load_loses_no_acknowledged_row()
    {
        var (acknowledged, gone) = (new System.Collections.Concurrent.ConcurrentDictionary<int, long>(), 0);
        var enough = new TaskCompletionSource();
        var writers = Enumerable.Range(0, 50).Select(sensor => Task.Run(async () =>
        {
            try
            {
                for (var token = 1L; ; token++)
                {
                    Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(Row(sensor, token: token), token == 1 ? null : token - 1));
                    acknowledged[sensor] = token;
                    if (token == 20)
                    {
                        enough.TrySetResult();
                    }
                }
            }
            catch (WindowStoreUnavailableException)
            {
                Interlocked.Increment(ref gone);
            }
        })).ToList();
        await enough.Task.WaitAsync(TimeSpan.FromMinutes(1), Stop);
        await _server.StopAsync("immediate");
        await Task.WhenAll(writers).WaitAsync(TimeSpan.FromMinutes(1), Stop);
        Assert.Equal(50, gone);

        await _server.StartAsync();
        var stored = (await Store.QueryAsync()).ToDictionary(row => row.Key.SensorId, row => row.RowVersion);
        // The last write of each writer may have happened although its answer was lost.
        Assert.All(acknowledged, last => Assert.InRange(stored[last.Key], last.Value, last.Value + 1));
    }
}
