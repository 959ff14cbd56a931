using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.Checkpoints;

/// <summary>A flush twice a second of each grain of a partition leaves no garbage that grows with the number of grains.</summary>
public sealed class FlushAllocationTests
{
    private const int Grains = 10_240;
    private const long Sent = 7;

    private static readonly Period Quarter = Period.FromSeconds(900);

    private readonly PartitionState _state = new(
        new(Guid.NewGuid(), 0), new(0, 0, long.MaxValue), new(Quarter, (_, _) => null!, null), new(0, 0, TimeProvider.System),
        new(new NoDeadLetters()), new())
    {
        Epochs = LeaderEpochs.None,
        CheckpointTokens = [],
        Life = Guid.Empty,
        OwnedAt = 0,
        Refusals = new(),
    };

    private readonly OneThread _thread = new();

    [Fact]
    public void A_flush_allocates_nothing_for_each_grain()
    {
        var (options, clock) = (new IngestOptions(), new FakeTimeProvider());
        var budget = new FlushBudget(options, 1, clock);
        var schedule = new CheckpointSchedule(options, budget, clock);
        var checkpointer = new Checkpointer(
            _state, schedule, budget, store: null!, ExactnessRules.Default, options.BufferCapacity, clock, wake: () => { })
        {
            LocalGrains = new Answering(),
            StoreOffset = _ => { },
        };
        _thread.Run(() => FlushAsync(checkpointer));

        SendAll();
        var before = GC.GetAllocatedBytesForCurrentThread();
        _thread.Run(() => FlushAsync(checkpointer));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Empty(_state.Grains.Unflushed);
        Assert.True(allocated < Grains, $"{allocated} bytes were allocated for a flush of {Grains} grains.");
    }

    private async Task FlushAsync(Checkpointer checkpointer)
    {
        if (_state.Grains.Unflushed.Count == 0)
        {
            SendAll();
        }

        checkpointer.StartFlush();
        while (!checkpointer.IsCompleted)
        {
            await Task.Yield();
        }

        Assert.Equal(CheckpointOutcome.Flushed, (await checkpointer.CompleteAsync()).Outcome);
    }

    private void SendAll()
    {
        for (var sensor = 0; sensor < Grains; sensor++)
        {
            var handle = _state.Grains.Windows.Of(sensor);
            (handle.LocalGrain, handle.Previous, handle.LastSent) = (Live.Grain, Sent, Sent);
            _state.Grains.Unflushed.Add(handle);
        }
    }

    private sealed class Answering : ILocalWindowGrains
    {
        public ILocalWindowGrain? Find(int sensorId, Period period) => null;

        public Task FlushAsync(SourceId source, Guid life, ReadOnlyMemory<ILocalWindowGrain?> grains, Memory<long?> answers)
        {
            answers.Span.Fill(Sent);
            return Task.CompletedTask;
        }
    }

    private sealed class Live : ILocalWindowGrain
    {
        public static readonly Live Grain = new();

        public bool IsLive => true;

        public void QueueTurn(Action<object> turn, object state) => throw new NotSupportedException();

        public bool TryAdd(SourceId source, ReadingSlice readings, long previous, Guid life, out AddStatus status) =>
            throw new NotSupportedException();
    }

    /// <summary>Runs all continuations on the thread that counts what is allocated.</summary>
    private sealed class OneThread : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();

        public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

        public void Run(Func<Task> work)
        {
            var outer = Current;
            SetSynchronizationContext(this);
            try
            {
                var task = work();
                while (_queue.TryDequeue(out var next))
                {
                    next.Callback(next.State);
                }

                Assert.True(task.IsCompletedSuccessfully, $"{task.Exception}");
            }
            finally
            {
                SetSynchronizationContext(outer);
            }
        }
    }
}
