using GrainSensors.Core.Windows;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Replay;

/// <summary>The windows of the sensors of a recording in its time.</summary>
internal sealed class ReplayedWindows(Recording recording, IStore store, Period period)
{
    public async IAsyncEnumerable<WindowRow> ReadAsync()
    {
        if (recording.Readings == 0)
        {
            yield break;
        }

        var sensors = await store.Names.WithNumbersAsync([.. recording.Sensors.Values], CancellationToken.None);
        var ids = sensors.Select(sensor => sensor.Id).ToHashSet();
        var query = new WindowQuery(period.StartOf(recording.FirstTimestamp), recording.LastTimestamp + 1, Period: period);
        await foreach (var row in store.QueryAsync(query, CancellationToken.None))
        {
            if (ids.Contains(row.Key.SensorId))
            {
                yield return row;
            }
        }
    }

    public async Task<(long Windows, long Rows)> CountAsync()
    {
        var windows = new HashSet<WindowId>();
        var rows = 0L;
        await foreach (var row in ReadAsync())
        {
            rows++;
            windows.Add(row.Key.Window);
        }

        return (windows.Count, rows);
    }
}
