using System.Collections.Concurrent;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Replay;

/// <summary>
/// Records the alerts of a replay instead of writing them to the log topic: one row each time an alert is raised or reopened.
/// </summary>
internal sealed class AlertRecorder : IAlertSink
{
    private static readonly Comparer<SensorRef> InOrder = Comparer<SensorRef>.Create(SensorRef.Compare);

    private readonly ConcurrentDictionary<(Guid, int Occurrence), Row> _rows = new();

    /// <summary>One occurrence of an alert.</summary>
    /// <param name="RaisedAt">When the alert was raised or reopened, µs since the epoch.</param>
    /// <param name="ClearedAt">When the alert was cleared, µs since the epoch; null: it was open at the end of the recording.</param>
    public sealed record Row(
        SensorRef Sensor, AlertKind Kind, long RaisedAt, long? ClearedAt, string Measurement, double Value, double Expected,
        AlertLevel Level, string Rule);

    /// <summary>All rows in the order of time.</summary>
    public IReadOnlyList<Row> Rows =>
    [
        .. _rows.Values.OrderBy(row => row.RaisedAt).ThenBy(row => row.Sensor, InOrder)
            .ThenBy(row => row.Measurement, StringComparer.Ordinal),
    ];

    public Task PublishAsync(IReadOnlyList<AlertEvent> events)
    {
        foreach (var happened in events)
        {
            var key = (happened.AlertId, happened.Occurrences);
            if (happened.Transition != AlertTransition.Cleared)
            {
                _rows.TryAdd(key, new(
                    happened.Sensor, happened.Kind, happened.At, null, happened.Measurement, happened.Value, happened.Expected,
                    happened.Severity, happened.Rule));
            }
            else if (_rows.TryGetValue(key, out var raised))
            {
                _rows[key] = raised with { ClearedAt = happened.At };
            }
        }

        return Task.CompletedTask;
    }

    /// <exception cref="UsageException">The file cannot be written.</exception>
    public Task WriteAsync(string path) => OutputFile.WriteAsync(path, async file =>
    {
        var csv = new CsvWriter(file);
        await csv.Add("sensor_id", "kind", "level", "raised_at", "cleared_at", "measurement", "value", "expected", "rule").EndLineAsync();
        foreach (var row in Rows)
        {
            await csv
                .Add($"{row.Sensor}")
                .Add(row.Kind.Name())
                .Add(row.Level.Name())
                .Add(EpochTime.ToIso8601(row.RaisedAt))
                .Add(row.ClearedAt is { } cleared ? EpochTime.ToIso8601(cleared) : null)
                .Add(row.Measurement)
                .Add(Known(row.Value))
                .Add(Known(row.Expected))
                .Add(row.Rule)
                .EndLineAsync();
        }
    });

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
