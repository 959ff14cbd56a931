using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>Writes the dirty rows of an activation, one flush at a time.</summary>
internal sealed class WindowFlush(SensorWindows windows, Func<long> newToken) : SingleFlight<WindowFlush.Result>
{
    /// <summary>Whether all rows of the snapshot are durable, and what had been seen when it was taken.</summary>
    public readonly record struct Result(bool EveryRow, Marks Seen);

    /// <summary>A flush between its beginning and its end.</summary>
    /// <param name="Life">Of the activation, when it began.</param>
    /// <param name="Seen">When it began.</param>
    /// <param name="Rows">The snapshot.</param>
    /// <param name="Outcomes">Of the rows; null: there are none.</param>
    public readonly record struct UnderWay(int Life, Marks Seen, List<RowWrite> Rows, Task<WriteOutcome[]>? Outcomes);

    /// <summary>The beginning of a flush, in one turn, for a caller that sees to it that <see cref="End"/> has another.</summary>
    /// <returns>False: one is under way.</returns>
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

    /// <param name="flush">From <see cref="TryBegin"/>; its rows have their outcomes.</param>
    /// <exception cref="WindowStoreUnavailableException">The rows are not known to be durable.</exception>
    public Result End(in UnderWay flush)
    {
        GiveBack();
        return Settle(flush, flush.Outcomes?.GetAwaiter().GetResult() ?? []);
    }

    protected override async Task<Result> WorkAsync()
    {
        var flush = Begin();
        return Settle(flush, flush.Outcomes is { } outcomes ? await outcomes : []);
    }

    private UnderWay Begin()
    {
        var rows = windows.SnapshotDirtyRows(newToken);
        return new(windows.Generation, windows.Seen, rows, rows.Count == 0 ? null : windows.WriteAsync(rows.ConvertAll(row => row.Write)));
    }

    private Result Settle(in UnderWay flush, WriteOutcome[] outcomes)
    {
        var rows = flush.Rows;
        if (rows.Count == 0)
        {
            return new(true, flush.Seen);
        }

        if (flush.Life != windows.Generation)
        {
            return new(false, flush.Seen);
        }

        var everyRow = true;
        for (var i = 0; i < rows.Count; i++)
        {
            switch (outcomes[i])
            {
                case WriteOutcome.Written:
                    rows[i].State.Stored(rows[i]);
                    break;
                case WriteOutcome.Refused:
                    everyRow = false;
                    windows.Refused(rows[i].State);
                    break;
                default:
                    everyRow = false;
                    break;
            }
        }

        windows.ForgetSettledWindows();
        return new(everyRow, flush.Seen);
    }
}
