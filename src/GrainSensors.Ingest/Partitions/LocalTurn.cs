using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Partitions;

/// <summary>A turn of a window grain that is active on this silo, in which it takes its readings of a batch. Used again for other batches.</summary>
internal sealed class LocalTurn(LocalTurns turns)
{
    private static readonly Action<object> Take = static turn => ((LocalTurn)turn).Run();

    private ILocalWindowGrain? _activation;
    private SourceId _source;
    private ReadingSlice _readings;
    private long _previous;

    /// <summary>What the grain has answered; null: it has to be called.</summary>
    public AddStatus? Answer { get; private set; }

    public void Queue(ILocalWindowGrain activation, SourceId source, ReadingSlice readings, long previous)
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
