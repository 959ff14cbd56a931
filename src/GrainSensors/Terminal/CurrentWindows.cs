using System.Collections.Concurrent;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Terminal;

/// <summary>
/// The current windows of the sensors on the screen, as of the last checkpoint. They come from the store, because a call to a
/// grain would activate it on this silo.
/// </summary>
internal sealed class CurrentWindows(IWindowStore store, Period period)
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
    /// Starts to read the windows of a measurement of these sensors and drops all others. The screen does not wait: it shows the previous
    /// windows until the new ones are there.
    /// </summary>
    public void Refresh(IReadOnlyCollection<Reading> latest, string measurement)
    {
        if (_refresh.IsCompleted && latest.Count > 0)
        {
            _refresh = RefreshAsync(latest, measurement);
        }
    }

    private async Task RefreshAsync(IReadOnlyCollection<Reading> latest, string measurement)
    {
        try
        {
            var windows = latest.Select(
                reading => new WindowId(reading.SensorId, period, period.StartOf(reading.Timestamp))).ToList();
            foreach (var window in await store.ReadAsync(windows, CancellationToken.None))
            {
                if (window.Rows.FirstOrDefault(row => row.Key.Measurement == measurement) is { } row)
                {
                    _windows[row.Key.SensorId] = row;
                }
                else
                {
                    _windows.TryRemove(window.Id.SensorId, out _);
                }
            }
        }
        catch (WindowStoreUnavailableException)
        {
            // The ingest service meets the same failure and reports it on the screen.
        }

        var shown = latest.Select(reading => reading.SensorId).ToHashSet();
        foreach (var sensorId in _windows.Keys.Where(sensorId => !shown.Contains(sensorId)))
        {
            _windows.TryRemove(sensorId, out _);
        }
    }
}
