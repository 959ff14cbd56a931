using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// Sends alerts to a receiver: alerts that open, alerts that clear after they were sent as open, and all open alerts again after
/// each repeat interval. A silenced alert is sent when its silence ends.
/// </summary>
internal sealed class AlertNotifier(IAlertStore alerts, IAlertReceiver receiver, TimeProvider clock)
{
    private const int PageLength = 500;

    /// <summary>The ends of silences, µs since the epoch, by alert. The alerts are sent then, or with the next repetition.</summary>
    private readonly Dictionary<Guid, long> _silenced = [];

    private AlertFeed? _feed;
    private long _repeatedAt = clock.GetTimestamp();
    private bool _hasRepeated;

    /// <summary>Sends what is due.</summary>
    /// <returns>Whether the state has changed.</returns>
    /// <exception cref="AlertDeliveryException">The receiver failed; the next call sends the same alerts again.</exception>
    public async Task<bool> RunAsync(NotifierState state, CancellationToken cancellationToken)
    {
        var isNew = state.Since is null;
        state.Since ??= EpochTime.Now(clock);
        _feed ??= new(alerts, state.Since.Value - AlertFeed.Overlap);
        var hasChanged = await SendChangesAsync(_feed, state, cancellationToken) || isNew;
        if (!_hasRepeated || clock.GetElapsedTime(_repeatedAt) >= receiver.RepeatInterval)
        {
            hasChanged |= await SendOpenAsync(state, cancellationToken);
            (_hasRepeated, _repeatedAt) = (true, clock.GetTimestamp());
        }

        else
        {
            hasChanged |= await SendUnsilencedAsync(state, cancellationToken);
        }

        return hasChanged;
    }

    private async Task<bool> SendUnsilencedAsync(NotifierState state, CancellationToken cancellationToken)
    {
        var now = EpochTime.Now(clock);
        var ended = _silenced.Where(silence => silence.Value < now).Select(silence => silence.Key).ToList();
        if (ended.Count == 0)
        {
            return false;
        }

        var found = await alerts.FindAllAsync(ended, cancellationToken);
        var hasChanged = await SendAsync([.. found.Values], state, cancellationToken);
        ended.Where(id => !found.ContainsKey(id)).ToList().ForEach(id => _silenced.Remove(id));
        return hasChanged;
    }

    private async Task<bool> SendChangesAsync(AlertFeed feed, NotifierState state, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        await foreach (var changes in feed.ReadAsync(cancellationToken))
        {
            hasChanged |= await SendAsync(changes, state, cancellationToken);
            feed.Advance(changes);
            state.Since = Math.Max(state.Since!.Value, feed.Position);
        }

        return hasChanged;
    }

    private async Task<bool> SendOpenAsync(NotifierState state, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        var query = new AlertQuery { Statuses = [AlertStatus.Raised, AlertStatus.Acknowledged], Limit = PageLength };
        await foreach (var open in alerts.ReadPagesAsync(query, cancellationToken))
        {
            hasChanged |= await SendAsync(open, state, cancellationToken);
        }

        return hasChanged;
    }

    private async Task<bool> SendAsync(IReadOnlyCollection<Alert> changed, NotifierState state, CancellationToken cancellationToken)
    {
        var due = changed
            .Where(alert => alert.ClearedAt is null
                ? alert.SilencedUntil is null
                : receiver.TakesEachClearing || state.Told.Contains(alert.Id))
            .ToList();
        if (due.Count > 0)
        {
            await receiver.SendAsync(due, cancellationToken);
        }

        foreach (var alert in changed)
        {
            if (alert is { ClearedAt: null, SilencedUntil: { } until })
            {
                _silenced[alert.Id] = until;
            }
            else
            {
                _silenced.Remove(alert.Id);
            }
        }

        foreach (var alert in due)
        {
            _ = alert.ClearedAt is null ? state.Told.Add(alert.Id) : state.Told.Remove(alert.Id);
        }

        return due.Count > 0;
    }
}
