using GrainSensors.Core.Windows;
using GrainSensors.Storage;

namespace GrainSensors.Grains.Windows;

/// <summary>Writes the dirty rows of an activation, one flush at a time.</summary>
internal sealed class WindowFlush(SensorWindows windows, Func<long> newToken) : OneAtATime<WindowFlush.Result>
{
    /// <summary>Whether all rows of the snapshot are durable, and what had been seen when it was taken.</summary>
    public readonly record struct Result(bool EveryRow, Marks Seen);

    protected override async Task<Result> WorkAsync()
    {
        var life = windows.Life;
        var seen = windows.Seen;
        var rows = windows.SnapshotDirtyRows(newToken);
        if (rows.Count == 0)
        {
            return new(true, seen);
        }

        var outcomes = await windows.WriteAsync(rows.ConvertAll(row => row.Write));
        if (life != windows.Life)
        {
            return new(false, seen);
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
        return new(everyRow, seen);
    }
}
