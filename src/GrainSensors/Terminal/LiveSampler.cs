using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Sensors;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Status;
using GrainSensors.Storage.Names;

namespace GrainSensors.Terminal;

/// <summary>Takes the snapshots for the live table.</summary>
/// <param name="where">Addresses of console, store and Kafka, for the header.</param>
/// <param name="sensors">Number of simulated sensors; their ids are 1 to this number.</param>
/// <param name="stored">The latest readings that were stored before the start.</param>
internal sealed class LiveSampler(
    string where,
    int sensors,
    MeasurementCatalog catalog,
    IngestService ingest,
    IReadOnlyList<Reading> stored,
    LatestReadings latest,
    CurrentWindows windows,
    ISensorNames names,
    ReadingProducer producer,
    PublishOutage outage,
    SensorDirectory directory,
    LiveLog? log,
    TimeProvider clock)
{
    public const string SensorsAreHeldBack = "sensors wait until windows catch up";

    private const int MeasurementsShown = 2;

    /// <summary>Shorter than the interval of the screen.</summary>
    private static readonly TimeSpan NamesTimeout = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan LogShownFor = TimeSpan.FromSeconds(30);
    private readonly ReadingRate _rate = new(clock);

    /// <summary>Sensors that had a value of the primary measurement. Others may measure something else.</summary>
    private readonly HashSet<int> _withPrimary = [];
    private readonly DateTimeOffset _started = clock.GetUtcNow();
    private long _checkpointed = -1;
    private long? _checkpointedAt;

    /// <param name="height">Height of the screen in lines, which limits the rows.</param>
    public LiveSnapshot Next(int height)
    {
        var now = clock.GetUtcNow();
        var status = ingest.GetStatus();
        var forgotten = directory.Forgotten;
        var known = stored.Concat(latest.All)
            .Where(reading => reading.Timestamp > forgotten.GetValueOrDefault(reading.SensorId, SensorWatch.Never))
            .GroupBy(reading => reading.SensorId)
            .ToDictionary(sensor => sensor.Key, sensor => sensor.MaxBy(reading => reading.Timestamp));
        Reading? LatestOf(int id) => known.TryGetValue(id, out var reading) ? reading : null;
        var states = Enumerable.Range(1, sensors).Union(known.Keys).Select(id => (Id: id, State: StateOf(id, LatestOf(id), now))).ToList();

        // Sensors with problems come first only if the screen cannot hold all sensors, so that rows keep their places.
        var order = states.Count <= LiveTable.RowsInAnyCase(height)
            ? states.OrderBy(sensor => sensor.Id)
            : states.OrderBy(sensor => sensor.State is SensorState.Ok or SensorState.Waiting).ThenBy(sensor => sensor.Id);
        var shown = order.Take(height).ToList();
        var named = NamesOf(shown.Select(sensor => sensor.Id));
        var columns = ColumnsOf(known.Values);
        string[] names = [.. columns.Select(catalog.NameOf)];
        windows.Refresh([.. shown.Where(sensor => known.ContainsKey(sensor.Id)).Select(sensor => known[sensor.Id])], names[0]);
        return new(
            now,
            where,
            names,
            status.Totals,
            status.Lag,
            status.OpenWindows,
            _rate.Next(status.Totals.Readings),
            CheckpointAge(status),
            [.. Problems(status).Distinct()],
            log?.Since(now - LogShownFor) ?? [],
            new(states.Count, states.Count(s => s.State == SensorState.Disconnected), states.Count(s => s.State == SensorState.Silent)),
            [.. shown.Select(sensor => Row(SensorRef.Of(sensor.Id, named), sensor.State, LatestOf(sensor.Id), columns, now))]);
    }

    /// <returns>
    /// The measurements to show: declared ones that have values, then those that most sensors have, then other declared ones.
    /// </returns>
    private int[] ColumnsOf(IReadOnlyCollection<Reading> latest)
    {
        var sensors = latest.SelectMany(reading => reading.Values.ToArray()).CountBy(value => value.Measurement).ToDictionary();
        var declared = Enumerable.Range(0, catalog.Declared.Count);
        return
        [
            .. declared.Where(sensors.ContainsKey)
                .Concat(sensors.Where(one => one.Key >= catalog.Declared.Count).OrderByDescending(one => one.Value)
                    .ThenBy(one => one.Key).Select(one => one.Key))
                .Concat(declared.Where(measurement => !sensors.ContainsKey(measurement)))
                .Take(MeasurementsShown),
        ];
    }

    /// <returns>The names that the store gives at once. While it does not answer, sensors are unnamed.</returns>
    private IReadOnlyDictionary<int, string?> NamesOf(IEnumerable<int> sensorIds)
    {
        var found = names.NamesAmongAsync(sensorIds, CancellationToken.None).AsTask();
        Task.WaitAny([found], NamesTimeout);
        return found.IsCompletedSuccessfully ? found.Result : new Dictionary<int, string?>();
    }

    private SensorState StateOf(int sensorId, Reading? reading, DateTimeOffset now)
    {
        var timeout = EpochTime.ToTimeSpan(directory.TimeoutOf(sensorId));
        return reading switch
        {
            null => Silence(),
            { } r when AgeOf(r, now) > timeout => Silence(),
            { } r when LacksValue(r) => SensorState.Disconnected,
            _ => SensorState.Ok,
        };

        // Silence from before the start is not known to be the sensor's.
        SensorState Silence() => now - _started > timeout ? SensorState.Silent : SensorState.Waiting;
    }

    /// <returns>Whether the reading has no value, or has lost that of the primary measurement, as the monitor judges it.</returns>
    private bool LacksValue(in Reading reading)
    {
        if (catalog.Declared.Primary is >= 0 and var primary && !double.IsNaN(reading.Values[primary]))
        {
            _withPrimary.Add(reading.SensorId);
            return false;
        }

        return _withPrimary.Contains(reading.SensorId) || reading.Values.IsEmpty;
    }

    private static TimeSpan AgeOf(in Reading reading, DateTimeOffset now) => now - EpochTime.ToDateTime(reading.Timestamp);

    private SensorRow Row(SensorRef sensor, SensorState state, Reading? reading, int[] columns, DateTimeOffset now)
    {
        var values = new double[columns.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = reading is { } r ? r.Values[columns[i]] : double.NaN;
        }

        return new(sensor, state, values, reading is { } last ? AgeOf(last, now) : null, windows.Of(sensor.Id));
    }

    private IEnumerable<string> Problems(IngestStatus status)
    {
        foreach (var problem in status.Troubles)
        {
            yield return problem;
        }

        if (outage.Cause is { } cause)
        {
            yield return cause;
        }

        if (producer.IsHolding)
        {
            yield return SensorsAreHeldBack;
        }
    }

    private TimeSpan? CheckpointAge(IngestStatus status)
    {
        var checkpointed = status.Partitions.Sum(partition => partition.Checkpointed);
        if (checkpointed != _checkpointed)
        {
            // The checkpoint at which partitions start was written by another process.
            _checkpointedAt = _checkpointed < 0 || status.Totals.Readings == 0 ? null : clock.GetTimestamp();
            _checkpointed = checkpointed;
        }

        return _checkpointedAt is { } at ? clock.GetElapsedTime(at) : null;
    }
}
