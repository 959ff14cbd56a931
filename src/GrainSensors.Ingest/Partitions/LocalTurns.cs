using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>The turns of one batch: queued all at once, awaited together.</summary>
internal sealed class LocalTurns
{
    private readonly List<LocalTurn> _turns = [];
    private TaskCompletionSource? _completion;
    private int _count;
    private int _running;

    public LocalTurn this[int index] => _turns[index];

    /// <summary>To be called before turns are queued.</summary>
    public void Begin()
    {
        _count = 0;

        // One more than there are turns, so that they are not complete before the last one is queued.
        _running = 1;
        _completion = null;
    }

    public void Queue(ILocalWindowGrain activation, SourceId source, ReadingSlice readings, long previous)
    {
        _completion ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_turns.Count == _count)
        {
            _turns.Add(new(this));
        }

        Interlocked.Increment(ref _running);
        _turns[_count++].Queue(activation, source, readings, previous);
    }

    /// <returns>When all have been taken.</returns>
    public Task CompleteAsync()
    {
        if (_completion is not { } completion)
        {
            return Task.CompletedTask;
        }

        Completed();
        return completion.Task;
    }

    public void Completed()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _completion!.SetResult();
        }
    }
}
