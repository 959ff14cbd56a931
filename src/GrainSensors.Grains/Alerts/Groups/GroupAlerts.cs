using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Alerts.Groups;

/// <summary>Raises and clears the alerts about groups, and mutes those of their sensors meanwhile.</summary>
/// <remarks>
/// Everything follows from the table of alerts, which is read again after a failure. What a crash has left half done, the next run does.
/// </remarks>
internal sealed class GroupAlerts(IAlertStore alerts, RuleDirectory rules, TimeProvider clock)
{
    /// <summary>The latest alerts about groups that are known after a start: open ones, and those that may reopen.</summary>
    private const int MaxRecent = AlertQuery.MaxLimit;

    private static readonly AlertStatus[] IsOpen = [AlertStatus.Raised, AlertStatus.Acknowledged];

    private readonly Dictionary<(string Rule, SensorTags Group), Alert> _last = [];
    private readonly Dictionary<Guid, Alert> _open = [];
    private readonly List<WatchedGroup> _groups = [];
    private ILookup<int, WatchedGroup> _bySensor = Enumerable.Empty<WatchedGroup>().ToLookup(_ => 0);
    private CompiledRules? _rules;
    private AlertFeed? _feed;

    /// <summary>Does what is due.</summary>
    /// <exception cref="WindowStoreUnavailableException">The store cannot be reached; the next call reads everything again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var current = await RulesAsync(cancellationToken);
        if (current.Groups.Count == 0 && _rules is { Groups.Count: 0 } && !_last.Values.Any(alert => alert.ClearedAt is null))
        {
            _feed = null; // nothing to follow
            return;
        }

        try
        {
            var changed = await ReadAsync(cancellationToken);
            if (changed is null || !ReferenceEquals(current, _rules))
            {
                Group(current);
            }
            else
            {
                TakeAll(changed);
            }

            await WriteAsync(Due(current), cancellationToken);
            await MuteAsync(cancellationToken);
            _feed!.Advance(changed ?? []);
            _rules = current;
        }
        catch
        {
            _feed = null;
            throw;
        }
    }

    private async Task<CompiledRules> RulesAsync(CancellationToken cancellationToken)
    {
        if (_rules is null)
        {
            await rules.ReadAsync(cancellationToken);
        }

        return rules.Current;
    }

    /// <returns>The changes; null: everything was read.</returns>
    private async Task<IReadOnlyList<Alert>?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_feed is null)
        {
            // What changes after the clock was read is read again as a change.
            _feed = new(alerts, EpochTime.Now(clock) - AlertFeed.Overlap);
            await LoadAsync(cancellationToken);
            return null;
        }

        var changed = new List<Alert>();
        await foreach (var page in _feed.ReadAsync(cancellationToken))
        {
            changed.AddRange(page);
        }

        changed.ForEach(Keep);
        return changed;
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        _open.Clear();
        _last.Clear();
        var recent = await alerts.QueryAsync(new() { Kind = Core.Alerts.AlertKind.Group, Limit = MaxRecent }, cancellationToken);
        foreach (var alert in recent.Reverse())
        {
            Keep(alert);
        }

        var query = new AlertQuery { Statuses = IsOpen, Limit = AlertQuery.MaxLimit };
        await foreach (var page in alerts.ReadPagesAsync(query, cancellationToken))
        {
            foreach (var alert in page)
            {
                Keep(alert);
            }
        }
    }

    private void Keep(Alert alert)
    {
        if (alert.Group is { } group)
        {
            if (!_last.TryGetValue((alert.Rule, group), out var last) || last.RaisedAt <= alert.RaisedAt)
            {
                _last[(alert.Rule, group)] = alert;
            }
        }
        else if (alert.ClearedAt is null)
        {
            _open[alert.Id] = alert;
        }
        else
        {
            _open.Remove(alert.Id);
        }
    }

    /// <summary>Begins to watch the groups of the rules, from the alerts that are open.</summary>
    private void Group(CompiledRules current)
    {
        _groups.Clear();
        var bySensor = new List<(int Sensor, WatchedGroup Group)>();
        foreach (var groups in current.Groups)
        {
            foreach (var (group, sensors) in groups.Members)
            {
                var watched = new WatchedGroup(groups, group, sensors.Count, _last.GetValueOrDefault((groups.Rule.Id, group)));
                _groups.Add(watched);
                bySensor.AddRange(sensors.Select(sensor => (sensor, watched)));
            }
        }

        _bySensor = bySensor.ToLookup(pair => pair.Sensor, pair => pair.Group);
        TakeAll(_open.Values.OrderBy(alert => alert.LastRaisedAt));
    }

    private void TakeAll(IEnumerable<Alert> changed)
    {
        foreach (var alert in changed.Where(alert => alert.Group is null))
        {
            foreach (var group in _bySensor[alert.SensorId].Where(group => group.Counts(alert)))
            {
                group.Take(alert);
            }
        }
    }

    /// <returns>The alerts about groups to write.</returns>
    private List<Alert> Due(CompiledRules current)
    {
        var now = EpochTime.Now(clock);
        var due = _groups.Where(group => group.Watch.Check(now) is not null).Select(group => group.ToRow(current)).ToList();
        var watched = _groups.Select(group => group.Key).ToHashSet();
        due.AddRange(_last.Where(last => last.Value.ClearedAt is null && !watched.Contains(last.Key)).Select(last => last.Value with
        {
            ClearedAt = Math.Max(now, last.Value.LastRaisedAt),
            Message = $"{last.Value.Subject}: rule {last.Value.Rule} no longer applies",
        }));
        return due;
    }

    private async Task WriteAsync(List<Alert> due, CancellationToken cancellationToken)
    {
        if (due.Count > 0)
        {
            await alerts.WriteAsync(due, cancellationToken);
            due.ForEach(Keep);
        }
    }

    private async Task MuteAsync(CancellationToken cancellationToken)
    {
        var muted = new HashSet<Guid>();
        foreach (var group in _groups.Where(group => group.Watch.Alert.IsOpen))
        {
            var alert = _last[group.Key].Id;
            var alarms = group.Watch.Alarms.Where(_open.ContainsKey).ToList();
            muted.UnionWith(alarms);
            await MuteAsync(alarms.Where(id => _open[id] is { MutedUntil: not Alert.Always }), alert, null, cancellationToken);
        }

        // Their sensors will soon report, too, or are told of one by one.
        var free = _open.Values.Where(alert => alert.MutedUntil == Alert.Always && !muted.Contains(alert.Id)).ToLookup(WaitOf);
        foreach (var waiting in free)
        {
            foreach (var ofGroup in waiting.ToLookup(alert => alert.GroupAlert ?? Guid.Empty, alert => alert.Id))
            {
                await MuteAsync(ofGroup, ofGroup.Key, waiting.Key, cancellationToken);
            }
        }
    }

    private long WaitOf(Alert alert) => rules.Current.WaitOf(alert.Rule, alert.SensorId);

    private async Task MuteAsync(IEnumerable<Guid> ids, Guid groupAlert, long? time, CancellationToken cancellationToken)
    {
        var all = ids.ToList();
        if (all.Count == 0)
        {
            return;
        }

        await alerts.MuteAsync(all, groupAlert, time, cancellationToken);
        foreach (var id in all)
        {
            _open[id] = _open[id] with { GroupAlert = groupAlert, MutedUntil = time is null ? Alert.Always : null };
        }
    }
}
