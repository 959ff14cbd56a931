using GrainSensors.Core.Time;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Views;

/// <summary>The alerts that are open, and every change of an alert soon after its writing.</summary>
internal sealed class AlertView(IStore store, TimeProvider clock) : OnDemandView<IReadOnlyList<Alert>>(Interval, clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a transaction may take from its stamp to its commit, µs; and how far clocks may be apart.</summary>
    private const long Overlap = 10 * EpochTime.MicrosPerSecond;

    private readonly Dictionary<Guid, long> _seen = [];
    private Dictionary<Guid, Alert> _open = [];
    private long _since;

    /// <summary>Open alerts by sensor.</summary>
    public ILookup<int, Alert> OpenBySensor { get; private set; } = Enumerable.Empty<Alert>().ToLookup(alert => alert.SensorId);

    protected override async Task<IReadOnlyList<Alert>?> LookAsync(bool isFirst, CancellationToken cancellationToken)
    {
        if (isFirst)
        {
            // Before what is open is read: what changes meanwhile is then seen as a change.
            _seen.Clear();
            _since = EpochTime.Now(Clock);
            await ReadChangesAsync(cancellationToken);
            _open = await ReadOpenAsync(cancellationToken);
            Publish();
            return [];
        }

        var changes = await ReadChangesAsync(cancellationToken);
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

        Publish();
        return changes;
    }

    private void Publish() => OpenBySensor = _open.Values.ToLookup(alert => alert.SensorId);

    private async Task<List<Alert>> ReadChangesAsync(CancellationToken cancellationToken)
    {
        var news = new List<Alert>();
        var (since, after) = (_since - Overlap, Guid.Empty);
        while (true)
        {
            var page = await store.Alerts.ReadChangesAsync(since, after, AlertQuery.MaxLimit, cancellationToken);
            news.AddRange(page.Where(alert => !_seen.TryGetValue(alert.Id, out var known) || known < alert.UpdatedAt));
            if (page.Count < AlertQuery.MaxLimit)
            {
                break;
            }

            (since, after) = (page[^1].UpdatedAt, page[^1].Id);
        }

        foreach (var alert in news)
        {
            _seen[alert.Id] = alert.UpdatedAt;
            _since = Math.Max(_since, alert.UpdatedAt);
        }

        foreach (var (id, at) in _seen)
        {
            if (at < _since - (2 * Overlap))
            {
                _seen.Remove(id);
            }
        }

        return news;
    }

    private async Task<Dictionary<Guid, Alert>> ReadOpenAsync(CancellationToken cancellationToken)
    {
        var open = new Dictionary<Guid, Alert>();
        var query = new AlertQuery { Statuses = [AlertStatus.Raised, AlertStatus.Acknowledged], Limit = AlertQuery.MaxLimit };
        while (true)
        {
            var page = await store.Alerts.QueryAsync(query, cancellationToken);
            foreach (var alert in page)
            {
                open[alert.Id] = alert;
            }

            if (page.Count < AlertQuery.MaxLimit)
            {
                return open;
            }

            query = query with { After = AlertCursor.Of(page[^1]) };
        }
    }
}
