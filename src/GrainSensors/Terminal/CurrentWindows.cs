using System.Collections.Concurrent;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Terminal;

/// <summary>
/// The windows of the sensors on the screen, as of the last checkpoint. They come from the store: to ask a grain would
/// activate it, and where it happens to be asked.
/// </summary>
internal sealed class CurrentWindows(IWindowStore store, Period period, string metric)
{
    private readonly ConcurrentDictionary<int, WindowRow> _windows = new();
    private Task _refresh = Task.CompletedTask;

    public WindowSoFar? Of(int sensorId) => _windows.GetValueOrDefault(sensorId) is not { } row
        ? null
        : new(
            EpochTime.ToDateTime(row.Key.Start),
            EpochTime.ToDateTime(row.Key.End),
            row.Statistics.Count,
            row.Statistics.Mean,
            row.Statistics.Min,
            row.Statistics.Max);

    /// <summary>
    /// Reads the windows of these sensors, and of no others. Nobody waits for it: while the store is out the screen goes
    /// on with what it had.
    /// </summary>
    public void Refresh(IReadOnlyCollection<Reading> latest)
    {
        if (_refresh.IsCompleted && latest.Count > 0)
        {
            _refresh = RefreshAsync(latest);
        }
    }

    private async Task RefreshAsync(IReadOnlyCollection<Reading> latest)
    {
        try
        {
            var windows = latest.Select(reading => period.StartOf(reading.Timestamp) is var start
                ? new WindowId(reading.SensorId, start, start + period.TotalMicros) : default).ToList();
            foreach (var row in await store.ReadAsync(windows, CancellationToken.None))
            {
                if (row.Key.Measurement == metric)
                {
                    _windows[row.Key.SensorId] = row;
                }
            }
        }
        catch (WindowStoreUnavailableException)
        {
            // Ingest meets the same trouble, and the screen tells of it.
        }

        var shown = latest.Select(reading => reading.SensorId).ToHashSet();
        foreach (var sensorId in _windows.Keys.Where(sensorId => !shown.Contains(sensorId)))
        {
            _windows.TryRemove(sensorId, out _);
        }
    }
}
