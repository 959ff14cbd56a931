using GrainSensors.Contracts.Cluster;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Status;
using GrainSensors.Storage;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GrainSensors.Web.Views;

/// <summary>
/// The status of the cluster, read once a second from the memory of the silos. It reads nothing from the store, so that pages have
/// the status in an outage of the store, too.
/// </summary>
internal sealed class ClusterView(IGrainFactory grains, IStore store, IOptions<ClusterOptions> cluster, TimeProvider clock)
    : OnDemandView<ClusterSnapshot>(Interval, clock)
{
    private const int RatesKept = 120;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly List<double> _rates = [];
    private (long Readings, long At)? _last;

    /// <summary>Null: not read since the first of the present clients asked.</summary>
    public ClusterSnapshot? Current { get; private set; }

    protected override async Task<ClusterSnapshot?> ReadAsync(bool isFirst, CancellationToken cancellationToken)
    {
        var reports = await grains.GetGrain<IClusterStatusGrain>(0).GetReports().WaitAsync(cancellationToken);
        AddRate(reports.Sum(report => report.Ingest.Readings));
        var now = EpochTime.Now(Clock);
        var status = ClusterStatus.From(cluster.Value.ClusterId, store.Description, reports, EpochTime.ToDateTime(now));
        return Current = new(now, status, [.. _rates]);
    }

    protected override void End()
    {
        _rates.Clear();
        (_last, Current) = (null, null);
    }

    private void AddRate(long readings)
    {
        var at = Clock.GetTimestamp();
        if (_last is { } last && readings >= last.Readings)
        {
            _rates.Add((readings - last.Readings) / Clock.GetElapsedTime(last.At, at).TotalSeconds);
            if (_rates.Count > RatesKept)
            {
                _rates.RemoveAt(0);
            }
        }

        _last = (readings, at);
    }
}

/// <summary>The status of the cluster at one time.</summary>
/// <param name="At">Time of the snapshot, µs since the epoch.</param>
/// <param name="Rates">Readings per second at the last reads, the latest last.</param>
internal sealed record ClusterSnapshot(long At, ClusterStatus Status, IReadOnlyList<double> Rates)
{
    public double Rate => Rates.Count > 0 ? Rates[^1] : 0;

    /// <summary>Seconds since the oldest of the partitions' last checkpoints; null: no checkpoint yet.</summary>
    public double? CheckpointAge => Status.Partitions.Max(partition => partition.CheckpointAge);
}
