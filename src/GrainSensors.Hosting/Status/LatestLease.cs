using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Partitions;

namespace GrainSensors.Hosting.Status;

/// <summary>Makes this silo keep the latest readings as long as clients request them.</summary>
internal sealed class LatestLease : IDisposable
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);
    private readonly LatestReadings _latest;
    private readonly int _measurements;
    private readonly Lock _gate = new();
    private readonly ITimer _end;
    private IDisposable? _watch;

    public LatestLease(LatestReadings latest, MeasurementSet measurements, TimeProvider clock)
    {
        _latest = latest;
        _measurements = measurements.Count;
        _end = clock.CreateTimer(_ => End(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public LatestReport Read()
    {
        lock (_gate)
        {
            _watch ??= _latest.Watch();
            _end.Change(Duration, Timeout.InfiniteTimeSpan);
        }

        var latest = _latest.WithPartitions.ToArray();
        var readings = Array.ConvertAll(latest, one => one.Reading);
        var values = new double[readings.Length * _measurements];
        for (var i = 0; i < readings.Length; i++)
        {
            ((ReadOnlySpan<double>)readings[i].Values)[.._measurements].CopyTo(values.AsSpan(i * _measurements));
        }

        return new(
            Array.ConvertAll(readings, r => r.SensorId),
            Array.ConvertAll(readings, r => r.Timestamp),
            values,
            Array.ConvertAll(latest, one => one.Partition),
            Array.ConvertAll(readings, r => r.HasOthers));
    }

    public void Dispose()
    {
        _end.Dispose();
        End();
    }

    private void End()
    {
        lock (_gate)
        {
            _watch?.Dispose();
            _watch = null;
        }
    }
}
