using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>Writes the dirty rows of an activation, one flush at a time.</summary>
internal sealed class WindowFlush(SensorWindows windows, IWindowStore store, Func<long> newRowVersion) : SingleFlight<WindowFlush.Result>
{
    /// <summary>The result of a flush.</summary>
    /// <param name="EveryRow">Whether all rows of the snapshot are durable.</param>
    /// <param name="Seen">The offsets that the activation had seen when the snapshot was taken.</param>
    public readonly record struct Result(bool EveryRow, Marks Seen);

    /// <summary>A flush that was begun and has not ended.</summary>
    /// <param name="Generation">The generation of the activation when the flush began.</param>
    /// <param name="Seen">The offsets that the activation had seen when the flush began.</param>
    /// <param name="Rows">The snapshot.</param>
    /// <param name="Outcomes">The outcomes of the rows; null if there are no rows.</param>
    public readonly record struct UnderWay(
        int Generation, Marks Seen, List<WindowState.PendingWrite> Rows, Task<WriteOutcome[]>? Outcomes);

    /// <inheritdoc cref="IWindowGrain.Flush"/>
    public async ValueTask<long> FlushAsync(SourceId source, Guid life) => AnswerFor(source, life, await RunAsync());

    /// <summary>Begins a flush whose end takes a turn of its own. The caller must call <see cref="End"/>.</summary>
    /// <returns>False if a flush is under way.</returns>
    public bool TryBegin(out UnderWay flush)
    {
        flush = default;
        if (!TryTake())
        {
            return false;
        }

        try
        {
            flush = Begin();
            return true;
        }
        catch
        {
            GiveBack();
            throw;
        }
    }

    /// <summary>Ends a flush after its rows were written.</summary>
    /// <param name="flush">The flush that <see cref="TryBegin"/> began; its outcomes are known.</param>
    /// <returns>As <see cref="FlushAsync"/>.</returns>
    /// <exception cref="WindowStoreUnavailableException">The rows are not known to be durable.</exception>
    public long End(SourceId source, Guid life, in UnderWay flush)
    {
        GiveBack();
        return AnswerFor(source, life, Settle(flush, flush.Outcomes?.GetAwaiter().GetResult() ?? []));
    }

    protected override async Task<Result> WorkAsync()
    {
        var flush = Begin();
        return Settle(flush, flush.Outcomes is { } outcomes ? await outcomes : []);
    }

    private UnderWay Begin()
    {
        var rows = windows.SnapshotDirtyRows(newRowVersion);
        var outcomes = rows.Count == 0 ? null : store.WriteAsync(rows.ConvertAll(row => row.Write), CancellationToken.None);
        return new(windows.Generation, windows.Seen, rows, outcomes);
    }

    private Result Settle(in UnderWay flush, WriteOutcome[] outcomes)
    {
        if (flush.Rows.Count == 0)
        {
            return new(true, flush.Seen);
        }

        var everyRow = flush.Generation == windows.Generation && windows.Settle(flush.Rows, outcomes);
        return new(everyRow, flush.Seen);
    }

    private long AnswerFor(SourceId source, Guid life, in Result result) =>
        windows.FlushAnswer(source, life, result.EveryRow, result.Seen);
}
