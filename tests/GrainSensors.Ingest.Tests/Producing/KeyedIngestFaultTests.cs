using System.Collections.Concurrent;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing.Once;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Ingest.Tests.Producing;

/// <summary>
/// Clients repeat requests with an Idempotency-Key at any silo until they are answered, while the store fails, and while silos stop and go
/// on at any step. Each reading is in the topic once.
/// </summary>
[Trait("Category", "System")]
public sealed class KeyedIngestFaultTests : IAsyncLifetime
{
    private const int Silos = 3;
    private const int Requests = 6;

    /// <summary>More attempts than any of the seeds needs.</summary>
    private const int MaxAttempts = 60;

    /// <summary>Stopped attempts keep the producers of a silo, which has 8.</summary>
    private const int MaxStopped = 4;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private readonly AsyncLocal<Attempt?> _attempt = new();
    private readonly ConcurrentQueue<Attempt> _stopped = [];
    private OnceFixture _fixture = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _fixture = await OnceFixture.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_fixture is not null)
        {
            await _fixture.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Each_reading_is_in_the_topic_once(int seed)
    {
        var random = new LockedRandom(seed);
        var keys = new FailingKeys(_fixture.Store.IdempotencyKeys, _ => FaultAsync(random), _ => FaultAsync(random));
        var silos = Enumerable.Range(0, Silos).Select(_ => _fixture.NewSilo(keys)).ToList();

        var attempts = await Task.WhenAll(Enumerable.Range(0, Requests).Select(i => RepeatAsync(silos, $"request {i}", random)))
            .WaitAsync(Deadline, Stop);
        Release(int.MaxValue);
        await Task.WhenAll(attempts.SelectMany(attempt => attempt).Select(EndAsync)).WaitAsync(Deadline, Stop);

        var expected = Enumerable.Range(0, Requests).SelectMany(i => OnceFixture.ValuesOf($"request {i}"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), await _fixture.ReadAsync());
        Assert.True(attempts.Sum(attempt => attempt.Count) > Requests, "no request was repeated");
    }

    /// <returns>All attempts, of which some go on after their client has given them up.</returns>
    private async Task<List<Task>> RepeatAsync(List<KeyedIngest> silos, string name, LockedRandom random)
    {
        var attempts = new List<Task>();
        var faults = new List<string>();
        while (attempts.Count < MaxAttempts)
        {
            var attempt = new Attempt();
            var run = Task.Run(() =>
            {
                _attempt.Value = attempt;
                return silos[random.Next(Silos)].RunAsync(
                    new("access/ann", name), "aa", () => Task.FromResult(_fixture.Batch(name, each: _ => Fault(random))), Stop);
            });
            attempts.Add(run);
            await Task.WhenAny(run, attempt.Stopped.Task);
            if (run.IsCompletedSuccessfully && (await run).Status is KeyedStatus.Accepted or KeyedStatus.Repeated)
            {
                return attempts;
            }

            faults.Add(run.IsCompletedSuccessfully ? $"{(await run).Status}" : run.Exception?.InnerException?.Message ?? "stopped");
            _fixture.Clock.Step(KeyedIngest.Hold + TimeSpan.FromSeconds(1));
            Release(random.Next(MaxStopped) == 0 ? 1 : 0);
        }

        throw new TimeoutException($"{name}: {string.Join("; ", faults)}");
    }

    private static async Task EndAsync(Task attempt)
    {
        try
        {
            await attempt;
        }
        catch (Exception e) when (e is KafkaUnavailableException or WindowStoreUnavailableException)
        {
            // It was fenced, or the store failed.
        }
    }

    private async Task FaultAsync(LockedRandom random)
    {
        if (random.Next(6) == 0)
        {
            throw FailingKeys.Away;
        }

        if (random.Next(6) == 0 && Stopping() is { } attempt)
        {
            await attempt.GoOn.Task.WaitAsync(Deadline, Stop);
        }
    }

    /// <summary>Between messages, and before the commit.</summary>
    private void Fault(LockedRandom random)
    {
        if (random.Next(12) == 0 && Stopping() is { } attempt)
        {
            attempt.GoOn.Task.Wait(Deadline, Stop);
        }
    }

    /// <returns>Null: enough attempts are stopped, or this one was stopped before.</returns>
    private Attempt? Stopping()
    {
        if (_stopped.Count >= MaxStopped || _attempt.Value is not { } attempt || !attempt.Stopped.TrySetResult())
        {
            return null;
        }

        _stopped.Enqueue(attempt);
        return attempt;
    }

    private void Release(int count)
    {
        for (var i = 0; i < count && _stopped.TryDequeue(out var attempt); i++)
        {
            attempt.GoOn.SetResult();
        }
    }

    private sealed class Attempt
    {
        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class LockedRandom(int seed)
    {
        private readonly Random _random = new(seed);

        public int Next(int end)
        {
            lock (_random)
            {
                return _random.Next(end);
            }
        }
    }
}
