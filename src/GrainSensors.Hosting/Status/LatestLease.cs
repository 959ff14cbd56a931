using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Partitions;

namespace GrainSensors.Hosting.Status;

/// <summary>Makes this silo keep the latest readings as long as clients request them.</summary>
internal sealed class LatestLease : IDisposable
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);
    private readonly LatestReadings _latest;
    private readonly MeasurementCatalog _catalog;
    private readonly Lock _gate = new();
    private readonly ITimer _end;
    private IDisposable? _watch;

    public LatestLease(LatestReadings latest, MeasurementCatalog catalog, TimeProvider clock)
    {
        _latest = latest;
        _catalog = catalog;
        _end = clock.CreateTimer(_ => End(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public LatestReport Read()
    {
        lock (_gate)
        {
            _watch ??= _latest.Watch();
            _end.Change(Duration, Timeout.InfiniteTimeSpan);
        }

        return LatestReport.Of([.. _latest.WithPartitions], _catalog);
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
