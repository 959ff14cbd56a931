using System.Collections.Concurrent;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Silo.Console;

/// <summary>The windows of the sensors on the screen, as their grains last told them.</summary>
internal sealed class CurrentWindows(IGrainFactory grains, Period period, string metric)
{
    private readonly ConcurrentDictionary<int, WindowSnapshot> _windows = new();
    private Task _refresh = Task.CompletedTask;

    public WindowSoFar? Of(int sensorId) => _windows.GetValueOrDefault(sensorId) is not { Statistics: var statistics } window
        ? null
        : new(EpochTime.ToDateTime(window.Start), EpochTime.ToDateTime(window.End), statistics.Count, statistics.Mean, statistics.Min, statistics.Max);

    /// <summary>
    /// Asks the grains of these sensors, and of no others. Nobody waits for the answers: while the store is out they are
    /// late, and the screen goes on with the last ones.
    /// </summary>
    public void Refresh(IReadOnlyCollection<Reading> latest)
    {
        if (_refresh.IsCompleted)
        {
            _refresh = RefreshAsync(latest);
        }
    }

    private async Task RefreshAsync(IReadOnlyCollection<Reading> latest)
    {
        var shown = latest.Select(reading => reading.SensorId).ToHashSet();
        foreach (var sensorId in _windows.Keys.Where(sensorId => !shown.Contains(sensorId)))
        {
            _windows.TryRemove(sensorId, out _);
        }

        await Task.WhenAll(latest.Select(AskAsync));
    }

    private async Task AskAsync(Reading reading)
    {
        try
        {
            var start = period.StartOf(reading.Timestamp);
            var found = await grains.GetGrain<IWindowGrain>(reading.SensorId, period.ToString()).GetWindows(start, start + 1);
            if (found.FirstOrDefault(window => window.Metric == metric) is { } window)
            {
                _windows[reading.SensorId] = window;
            }
        }
        catch (Exception)
        {
            // The store is out or the silo stops. Ingest meets the same trouble, and the screen tells of it.
        }
    }
}
