using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Sensors;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Status;

namespace GrainSensors.Terminal;

/// <summary>Takes the snapshots that the live table shows.</summary>
/// <param name="where">Where things are, for the header.</param>
/// <param name="sensors">Simulated sensors; their ids are 1 to this.</param>
internal sealed class LiveSampler(
    string where,
    int sensors,
    MeasurementSet measurements,
    IngestService ingest,
    LatestReadings latest,
    CurrentWindows windows,
    ReadingProducer producer,
    PublishOutage outage,
    LiveLog? log,
    TimeProvider clock)
{
    private const int MetricsShown = 2;

    /// <summary>Sensors report every second.</summary>
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LogShownFor = TimeSpan.FromSeconds(30);
    private readonly string[] _metrics = [.. measurements.All.Take(MetricsShown).Select(m => m.Name)];
    private readonly ReadingRate _rate = new(clock);
    private readonly DateTimeOffset _started = clock.GetUtcNow();
    private long _checkpointed = -1;
    private long? _checkpointedAt;

    /// <param name="height">Of the screen: no more sensors than this need a row.</param>
    public LiveSnapshot Next(int height)
    {
        var now = clock.GetUtcNow();
        var status = ingest.GetStatus();
        var known = latest.All.ToDictionary(reading => reading.SensorId);
        var states = Enumerable.Range(1, sensors).Union(known.Keys)
            .Select(id => (Id: id, State: StateOf(known.TryGetValue(id, out var reading) ? reading : null, now))).ToList();

        // Those in trouble come first only where not all are seen: rows should keep their place.
        var order = states.Count <= LiveTable.RowsInAnyCase(height)
            ? states.OrderBy(sensor => sensor.Id)
            : states.OrderBy(sensor => sensor.State is SensorState.Ok or SensorState.Waiting).ThenBy(sensor => sensor.Id);
        var shown = order.Take(height).ToList();
        windows.Refresh([.. shown.Where(sensor => known.ContainsKey(sensor.Id)).Select(sensor => known[sensor.Id])]);
        return new(
            now,
            where,
            _metrics,
            status.Totals,
            status.Lag,
            status.OpenWindows,
            _rate.Next(status.Totals.Readings),
            CheckpointAge(status),
            [.. Troubles(status).Distinct()],
            log?.Since(now - LogShownFor) ?? [],
            new(states.Count, states.Count(s => s.State == SensorState.Disconnected), states.Count(s => s.State == SensorState.Silent)),
            [.. shown.Select(sensor => Row(sensor.Id, sensor.State, known.TryGetValue(sensor.Id, out var reading) ? reading : null, now))]);
    }

    private SensorState StateOf(Reading? reading, DateTimeOffset now) => reading switch
    {
        null => now - _started > SilentAfter ? SensorState.Silent : SensorState.Waiting,
        { } r when AgeOf(r, now) > SilentAfter => SensorState.Silent,
        { } r when double.IsNaN(r.Values[0]) => SensorState.Disconnected,
        _ => SensorState.Ok,
    };

    private static TimeSpan AgeOf(in Reading reading, DateTimeOffset now) => now - EpochTime.ToDateTime(reading.Timestamp);

    private SensorRow Row(int id, SensorState state, Reading? reading, DateTimeOffset now)
    {
        var values = new double[_metrics.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = reading is { } r ? r.Values[i] : double.NaN;
        }

        return new(id, state, values, reading is { } last ? AgeOf(last, now) : null, windows.Of(id));
    }

    private IEnumerable<string> Troubles(IngestStatus status)
    {
        foreach (var trouble in status.Troubles)
        {
            yield return trouble;
        }

        if (outage.Cause is { } cause)
        {
            yield return cause;
        }

        if (producer.IsHolding)
        {
            yield return "Sensors wait for the windows to catch up";
        }
    }

    private TimeSpan? CheckpointAge(IngestStatus status)
    {
        var checkpointed = status.Partitions.Sum(partition => partition.Checkpointed);
        if (checkpointed != _checkpointed)
        {
            // Where partitions begin is no checkpoint of this process.
            _checkpointedAt = _checkpointed < 0 || status.Totals.Readings == 0 ? null : clock.GetTimestamp();
            _checkpointed = checkpointed;
        }

        return _checkpointedAt is { } at ? clock.GetElapsedTime(at) : null;
    }
}
