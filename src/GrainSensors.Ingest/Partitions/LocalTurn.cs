using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>A turn of a window grain that is active on this silo, in which it takes its readings of a batch. Used again for other batches.</summary>
internal sealed class LocalTurn(LocalTurns turns)
{
    private static readonly Action<object> Take = static turn => ((LocalTurn)turn).Run();

    private IWindowActivation? _activation;
    private SourceId _source;
    private ReadingSlice _readings;
    private long _previous;

    /// <summary>What the grain has answered; null: it has to be called.</summary>
    public AddStatus? Answer { get; private set; }

    public void Queue(IWindowActivation activation, SourceId source, ReadingSlice readings, long previous)
    {
        (_activation, _source, _readings, _previous, Answer) = (activation, source, readings, previous, null);
        activation.QueueTurn(Take, this);
    }

    private void Run()
    {
        try
        {
            Answer = _activation!.TryAdd(_source, _readings, _previous, out var status) ? status : null;
        }
        catch (Exception)
        {
            // A defect, or an activation in its last moments: the call says what is wrong.
        }

        turns.Completed();
    }
}

/// <summary>The turns of one batch: queued all at once, awaited together.</summary>
internal sealed class LocalTurns
{
    private readonly List<LocalTurn> _turns = [];
    private TaskCompletionSource _completion = new();
    private int _running;

    public LocalTurn this[int index] => _turns[index];

    public int Count { get; private set; }

    /// <summary>To be called before turns are queued.</summary>
    public void Begin()
    {
        Count = 0;

        // One more than there are turns, so that they are not complete before the last one is queued.
        _running = 1;
        _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Queue(IWindowActivation activation, SourceId source, ReadingSlice readings, long previous)
    {
        if (_turns.Count == Count)
        {
            _turns.Add(new(this));
        }

        Interlocked.Increment(ref _running);
        _turns[Count++].Queue(activation, source, readings, previous);
    }

    /// <returns>When all have been taken.</returns>
    public Task CompleteAsync()
    {
        Completed();
        return _completion.Task;
    }

    public void Completed()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _completion.SetResult();
        }
    }
}
