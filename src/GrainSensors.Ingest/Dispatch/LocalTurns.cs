using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Dispatch;

/// <summary>The turns in which window grains on this silo take their readings of one batch: queued all at once, awaited together.</summary>
internal sealed class LocalTurns
{
    private readonly List<Turn> _turns = [];
    private TaskCompletionSource? _completion;
    private int _count;
    private int _running;

    /// <summary>The answer of a grain, by the order in which the turns were queued. Null if the grain has to be called.</summary>
    public AddStatus? AnswerOf(int index) => _turns[index].Answer;

    /// <summary>Starts a new batch. Turns are queued after this call.</summary>
    public void Begin()
    {
        _count = 0;

        // One more than there are turns, so that the batch cannot complete before its last turn is queued.
        _running = 1;
        _completion = null;
    }

    public void Queue(ILocalWindowGrain grain, SourceId source, ReadingSlice readings, long previous, Guid life)
    {
        _completion ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_turns.Count == _count)
        {
            _turns.Add(new(this));
        }

        Interlocked.Increment(ref _running);
        _turns[_count++].Queue(grain, source, readings, previous, life);
    }

    /// <returns>Completes when every turn of the batch has run.</returns>
    public Task CompleteAsync()
    {
        if (_completion is not { } completion)
        {
            return Task.CompletedTask;
        }

        Completed();
        return completion.Task;
    }

    private void Completed()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _completion!.SetResult();
        }
    }

    /// <summary>A turn of one grain. The object is reused for later batches.</summary>
    private sealed class Turn(LocalTurns turns)
    {
        private static readonly Action<object> RunTurn = static turn => ((Turn)turn).Run();

        private ILocalWindowGrain? _grain;
        private SourceId _source;
        private ReadingSlice _readings;
        private long _previous;
        private Guid _life;

        public AddStatus? Answer { get; private set; }

        public void Queue(ILocalWindowGrain grain, SourceId source, ReadingSlice readings, long previous, Guid life)
        {
            (_grain, _source, _readings, _previous, _life, Answer) = (grain, source, readings, previous, life, null);
            grain.QueueTurn(RunTurn, this);
        }

        private void Run()
        {
            try
            {
                Answer = _grain!.TryAdd(_source, _readings, _previous, _life, out var status) ? status : null;
            }
            catch (Exception)
            {
                // The grain failed or is deactivating. The call that follows reports the reason.
            }

            turns.Completed();
        }
    }
}
