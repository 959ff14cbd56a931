using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Alerts.Groups;

/// <summary>Raises and clears the alerts of rules that compare sensors, when the windows of all of them are final.</summary>
/// <remarks>
/// Ids of alerts follow from the windows, and the progress is durable after the alerts that result from it. So a window that is judged
/// again after a crash raises the same alerts.
/// </remarks>
internal sealed class CompareAlerts(
    IStore store, RuleDirectory rules, MonitorRules settings, MeasurementSet measurements, IAlertSink sink, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Windows that are judged at once, after a long pause.</summary>
    private const int MaxWindows = 50;

    private readonly WindowMerger _merger = new(store.MergedWindows, Random.Shared.NextInt64);
    private readonly AlertTexts _texts = new(measurements);
    private readonly AlertOutbox _outbox = new(store.Alerts, sink, clock, store.Names);
    private readonly Dictionary<string, ComparedRule> _compared = [];
    private CompiledRules? _rules;
    private long _lookedAt;

    private long Period => settings.Period.TotalMicros;

    /// <summary>Judges the windows that have become final.</summary>
    /// <returns>Whether the state has changed.</returns>
    /// <exception cref="WindowStoreUnavailableException">
    /// The store cannot be reached; the next call judges the same windows again.
    /// </exception>
    /// <exception cref="Exception">The alerts could not be written; they are retried, and the next call waits for them.</exception>
    public async Task<bool> RunAsync(CompareState state, CancellationToken cancellationToken)
    {
        var current = rules.Current;
        if ((current.Compared.Count == 0 && _rules is { Compared.Count: 0 })
            || (ReferenceEquals(current, _rules) && clock.GetElapsedTime(_lookedAt) < Interval))
        {
            return false;
        }

        var (before, changes) = (new Dictionary<string, long>(state.JudgedUntil), new List<AlertChange>());
        bool hasChanged;
        try
        {
            hasChanged = await JudgeAsync(current, state, changes, cancellationToken);
        }
        catch
        {
            (_rules, state.JudgedUntil) = (null, before);
            throw;
        }

        (_rules, _lookedAt) = (current, clock.GetTimestamp());
        await WriteAsync(changes);
        return hasChanged;
    }

    private async Task<bool> JudgeAsync(
        CompiledRules current, CompareState state, List<AlertChange> changes, CancellationToken cancellationToken)
    {
        var ended = settings.Period.StartOf(await _merger.EndedByAsync(EpochTime.Now(clock), settings.Grace, cancellationToken));
        var hasChanged = !ReferenceEquals(current, _rules);
        if (hasChanged)
        {
            await UseAsync(current, state, ended, changes, cancellationToken);
        }

        foreach (var rule in _compared.Values)
        {
            var before = state.JudgedUntil[rule.Id];
            var until = Math.Min(ended, before + (MaxWindows * Period));
            if (until > before)
            {
                await rule.JudgeAsync(before, until, isNew: true, changes, cancellationToken);
                state.JudgedUntil[rule.Id] = until;
                hasChanged = true;
            }
        }

        return hasChanged;
    }

    private async Task UseAsync(
        CompiledRules current, CompareState state, long ended, List<AlertChange> changes, CancellationToken cancellationToken)
    {
        // The table is to have what was raised before.
        await _outbox.WrittenAsync(_outbox.Added);
        _texts.Rules = current;
        _compared.Clear();
        var last = await ReadLastAsync(cancellationToken);
        foreach (var groups in current.Compared)
        {
            var rule = new ComparedRule(groups, measurements, store, Period);

            // A new rule judges the windows that are not final yet.
            state.JudgedUntil.TryAdd(rule.Id, ended);
            await rule.RestoreAsync(last, state.JudgedUntil[rule.Id], cancellationToken);
            rule.RemoveOthers(EpochTime.Now(clock), changes);
            _compared.Add(rule.Id, rule);
        }

        foreach (var gone in state.JudgedUntil.Keys.Except(_compared.Keys).ToList())
        {
            state.JudgedUntil.Remove(gone);
        }

        ClearOthers(current, last, changes);
    }

    /// <summary>Clears the alerts of rules that are gone, or that have another measurement now.</summary>
    private void ClearOthers(CompiledRules current, IEnumerable<Alert> last, List<AlertChange> changes)
    {
        foreach (var alert in last.Where(alert => alert.ClearedAt is null))
        {
            if (current.Find(alert.Rule) is not { Condition: CompareCondition } rule || rule.Selector.Measurement != alert.Measurement)
            {
                var index = _texts.IndexOf(alert.Measurement);
                changes.Add(new(
                    alert.SensorId, index, alert.Kind, AlertTransition.Cleared, alert.RaisedAt, alert.LastRaisedAt,
                    Math.Max(EpochTime.Now(clock), alert.LastRaisedAt), double.NaN, alert.Expected, SensorWatch.Never, alert.Occurrences)
                {
                    Rule = new(alert.Rule, alert.Kind, index, alert.Level),
                    FormerMeasurement = index == RuleKey.NotConfigured ? alert.Measurement : null,
                    IsRuleGone = true,
                });
            }
        }
    }

    /// <returns>The open alerts, and those that have cleared last, older ones first.</returns>
    private async Task<IReadOnlyList<Alert>> ReadLastAsync(CancellationToken cancellationToken)
    {
        var recent = await store.Alerts.QueryAsync(new() { Kind = AlertKind.Compare, Limit = AlertQuery.MaxLimit }, cancellationToken);
        var last = recent.Reverse().ToDictionary(alert => alert.Id);
        var open = new AlertQuery
        {
            Kind = AlertKind.Compare,
            Statuses = [AlertStatus.Raised, AlertStatus.Acknowledged],
            Limit = AlertQuery.MaxLimit,
        };
        await foreach (var page in store.Alerts.ReadPagesAsync(open, cancellationToken))
        {
            foreach (var alert in page)
            {
                last.TryAdd(alert.Id, alert);
            }
        }

        return [.. last.Values.OrderBy(alert => alert.RaisedAt)];
    }

    private async Task WriteAsync(List<AlertChange> changes)
    {
        foreach (var change in changes)
        {
            var (happened, row) = _texts.Of(change);
            _outbox.Add(happened, row);
        }

        _outbox.Start();
        await _outbox.WrittenAsync(_outbox.Added);
    }
}
