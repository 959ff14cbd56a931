using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>Follows the alerts table and notifies the webhook of alerts that open, clear or stay open.</summary>
/// <remarks>
/// A clearing is sent only if the webhook knows the alert as open. Open alerts are repeated at the interval of the webhook. Silenced
/// alerts are not sent; those that are still open when the silence ends are sent then.
/// </remarks>
internal sealed class AlertNotifier(IAlertStore alerts, AlertWebhook webhook, TimeProvider clock)
{
    private const int MaxBatch = 500;

    /// <summary>The overlap of reads, µs: transactions may commit up to this later than their time stamps.</summary>
    private const long Overlap = 5 * EpochTime.MicrosPerSecond;

    /// <summary>The alerts that were read within the overlap, with the time of their change.</summary>
    private readonly Dictionary<Guid, long> _seen = [];
    private long _repeatedAt = clock.GetTimestamp();
    private bool _hasRepeated;

    /// <summary>Sends the notifications that are due.</summary>
    /// <returns>Whether the state has changed.</returns>
    /// <exception cref="HttpRequestException">The receiver is unavailable; the next call sends the notifications again.</exception>
    public async Task<bool> RunAsync(NotifierState state, CancellationToken cancellationToken)
    {
        var isNew = state.Since is null;
        state.Since ??= EpochTime.Now(clock) - Overlap;
        var hasChanged = await NotifyOfChangesAsync(state, cancellationToken) || isNew;
        if (!_hasRepeated || clock.GetElapsedTime(_repeatedAt) >= webhook.RepeatInterval)
        {
            hasChanged |= await NotifyOfOpenAsync(state, cancellationToken);
            (_hasRepeated, _repeatedAt) = (true, clock.GetTimestamp());
        }

        return hasChanged;
    }

    private async Task<bool> NotifyOfChangesAsync(NotifierState state, CancellationToken cancellationToken)
    {
        var (since, after, hasChanged) = (state.Since!.Value - Overlap, Guid.Empty, false);
        while (await alerts.ReadChangesAsync(since, after, MaxBatch, cancellationToken) is { Count: > 0 } changes)
        {
            var unseen = changes.Where(alert => _seen.GetValueOrDefault(alert.Id) != alert.UpdatedAt).ToList();
            hasChanged |= await NotifyAsync(unseen, state, cancellationToken);
            unseen.ForEach(alert => _seen[alert.Id] = alert.UpdatedAt);
            (since, after) = (changes[^1].UpdatedAt, changes[^1].Id);
            state.Since = Math.Max(state.Since.Value, since);
        }

        foreach (var (id, updatedAt) in _seen)
        {
            if (updatedAt < state.Since - (2 * Overlap))
            {
                _seen.Remove(id);
            }
        }

        return hasChanged;
    }

    private async Task<bool> NotifyOfOpenAsync(NotifierState state, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        AlertCursor? after = null;
        while (await ReadOpenAsync(after, cancellationToken) is { Count: > 0 } open)
        {
            hasChanged |= await NotifyAsync(open, state, cancellationToken);
            after = AlertCursor.Of(open[^1]);
        }

        return hasChanged;
    }

    private Task<IReadOnlyList<Alert>> ReadOpenAsync(AlertCursor? after, CancellationToken cancellationToken) => alerts.QueryAsync(
        new() { Statuses = [AlertStatus.Raised, AlertStatus.Acknowledged], After = after, Limit = MaxBatch }, cancellationToken);

    private async Task<bool> NotifyAsync(IReadOnlyCollection<Alert> changed, NotifierState state, CancellationToken cancellationToken)
    {
        var due = changed.Where(alert => alert.ClearedAt is null ? alert.SilencedUntil is null : state.Told.Contains(alert.Id)).ToList();
        if (due.Count == 0)
        {
            return false;
        }

        await webhook.PostAsync(due, cancellationToken);
        foreach (var alert in due)
        {
            _ = alert.ClearedAt is null ? state.Told.Add(alert.Id) : state.Told.Remove(alert.Id);
        }

        return true;
    }
}
