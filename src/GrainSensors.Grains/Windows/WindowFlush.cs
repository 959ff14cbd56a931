using GrainSensors.Core.Windows;
using GrainSensors.Storage;

namespace GrainSensors.Grains.Windows;

/// <summary>Writes the dirty rows of an activation, one flush at a time.</summary>
internal sealed class WindowFlush
{
    private readonly SensorWindows _windows;
    private readonly Func<long> _newToken;
    private readonly OneAtATime<Result> _turns;

    public WindowFlush(SensorWindows windows, Func<long> newToken)
    {
        _windows = windows;
        _newToken = newToken;
        _turns = new(WriteAsync);
    }

    /// <summary>Whether all rows of the snapshot are durable, and what had been seen when it was taken.</summary>
    public readonly record struct Result(bool EveryRow, Marks Seen);

    /// <returns>The outcome of a flush whose snapshot is taken after this call.</returns>
    public Task<Result> RunAsync() => _turns.RunAsync();

    private async Task<Result> WriteAsync()
    {
        var life = _windows.Life;
        var seen = _windows.Seen;
        var rows = _windows.SnapshotDirtyRows(_newToken);
        if (rows.Count == 0)
        {
            return new(true, seen);
        }

        var outcomes = await _windows.WriteAsync(rows.ConvertAll(row => row.Write));
        if (life != _windows.Life)
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
                    _windows.Refused(rows[i].State);
                    break;
                default:
                    everyRow = false;
                    break;
            }
        }

        _windows.ForgetSettledWindows();
        return new(everyRow, seen);
    }
}
