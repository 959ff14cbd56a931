using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// Follows the table of alerts and tells the webhook: what opens, what clears if it was told that it is open, and what is
/// still open now and then. Silenced alerts are not told; when the silence ends they are.
/// </summary>
internal sealed class AlertNotifier(IAlertStore alerts, AlertWebhook webhook, TimeProvider clock)
{
    private const int MaxBatch = 500;

    /// <summary>Transactions commit in another order than they are stamped in, but not by so much.</summary>
    private const long Overlap = 5 * EpochTime.MicrosPerSecond;

    /// <summary>What was looked at within the overlap.</summary>
    private readonly Dictionary<Guid, long> _seen = [];
    private long _repeatedAt = clock.GetTimestamp();
    private bool _hasRepeated;

    /// <summary>Tells what there is to tell now.</summary>
    /// <returns>Whether the state has changed.</returns>
    /// <exception cref="HttpRequestException">The receiver is out of reach; everything is told again with the next call.</exception>
    public async Task<bool> RunAsync(NotifierState state, CancellationToken cancellationToken)
    {
        var isNew = state.Since is null;
        state.Since ??= EpochTime.Now(clock) - Overlap;
        var hasChanged = await TellChangesAsync(state, cancellationToken) || isNew;
        if (!_hasRepeated || clock.GetElapsedTime(_repeatedAt) >= webhook.RepeatInterval)
        {
            hasChanged |= await TellOpenAsync(state, cancellationToken);
            (_hasRepeated, _repeatedAt) = (true, clock.GetTimestamp());
        }

        return hasChanged;
    }

    private async Task<bool> TellChangesAsync(NotifierState state, CancellationToken cancellationToken)
    {
        var (since, after, hasChanged) = (state.Since!.Value - Overlap, Guid.Empty, false);
        while (await alerts.ReadChangesAsync(since, after, MaxBatch, cancellationToken) is { Count: > 0 } changes)
        {
            var news = changes.Where(alert => _seen.GetValueOrDefault(alert.Id) != alert.UpdatedAt).ToList();
            hasChanged |= await TellAsync(news, state, cancellationToken);
            news.ForEach(alert => _seen[alert.Id] = alert.UpdatedAt);
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

    private async Task<bool> TellOpenAsync(NotifierState state, CancellationToken cancellationToken)
    {
        var hasChanged = false;
        AlertCursor? after = null;
        while (await alerts.QueryAsync(
            new() { Statuses = [AlertStatus.Raised, AlertStatus.Acknowledged], After = after, Limit = MaxBatch }, cancellationToken) is { Count: > 0 } open)
        {
            hasChanged |= await TellAsync(open, state, cancellationToken);
            after = AlertCursor.Of(open[^1]);
        }

        return hasChanged;
    }

    private async Task<bool> TellAsync(IReadOnlyCollection<Alert> changed, NotifierState state, CancellationToken cancellationToken)
    {
        var told = changed.Where(alert => alert.ClearedAt is null ? alert.SilencedUntil is null : state.Told.Contains(alert.Id)).ToList();
        if (told.Count == 0)
        {
            return false;
        }

        await webhook.PostAsync(told, cancellationToken);
        foreach (var alert in told)
        {
            _ = alert.ClearedAt is null ? state.Told.Add(alert.Id) : state.Told.Remove(alert.Id);
        }

        return true;
    }
}
