using GrainSensors.Core.Time;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Views;

/// <summary>The open alerts, and each change of an alert soon after it was written.</summary>
internal sealed class AlertView(IStore store, TimeProvider clock) : OnDemandView<IReadOnlyList<Alert>>(Interval, clock)
{
    /// <summary>Difference between the clocks of silo and store that loses no change, µs.</summary>
    private const long ClockTolerance = EpochTime.MicrosPerSecond;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private AlertFeed? _feed;
    private Dictionary<Guid, Alert> _open = [];

    /// <summary>Open alerts by sensor.</summary>
    public ILookup<int, Alert> OpenBySensor { get; private set; } = Enumerable.Empty<Alert>().ToLookup(alert => alert.SensorId);

    protected override async Task<IReadOnlyList<Alert>?> ReadAsync(bool isFirst, CancellationToken cancellationToken)
    {
        if (isFirst)
        {
            // The changes are read before the open alerts, so that a change in between is reported as a change.
            _feed = new(store.Alerts, EpochTime.Now(Clock) - AlertFeed.Overlap);
            var recent = await ReadChangesAsync(_feed, cancellationToken);
            _feed.Advance(recent);
            _open = await ReadOpenAsync(cancellationToken);
            Publish();

            // Clients watch since before this read: a change in between is news to them.
            return [.. recent.Where(alert => alert.UpdatedAt >= WantedSince - ClockTolerance)];
        }

        var changes = await ReadChangesAsync(_feed!, cancellationToken);
        if (changes.Count == 0)
        {
            return null;
        }

        foreach (var alert in changes)
        {
            if (alert.ClearedAt is null)
            {
                _open[alert.Id] = alert;
            }
            else
            {
                _open.Remove(alert.Id);
            }
        }

        _feed!.Advance(changes);
        Publish();
        return changes;
    }

    protected override void End()
    {
        _open = [];
        Publish();
    }

    private void Publish() => OpenBySensor = _open.Values.ToLookup(alert => alert.SensorId);

    private static async Task<List<Alert>> ReadChangesAsync(AlertFeed feed, CancellationToken cancellationToken)
    {
        var changes = new List<Alert>();
        await foreach (var page in feed.ReadAsync(cancellationToken))
        {
            changes.AddRange(page);
        }

        return changes;
    }

    private async Task<Dictionary<Guid, Alert>> ReadOpenAsync(CancellationToken cancellationToken)
    {
        var open = new Dictionary<Guid, Alert>();
        var query = new AlertQuery { Statuses = [AlertStatus.Raised, AlertStatus.Acknowledged], Limit = AlertQuery.MaxLimit };
        await foreach (var page in store.Alerts.ReadPagesAsync(query, cancellationToken))
        {
            foreach (var alert in page)
            {
                open[alert.Id] = alert;
            }
        }

        return open;
    }
}
