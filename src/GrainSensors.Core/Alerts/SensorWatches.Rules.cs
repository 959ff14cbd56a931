namespace GrainSensors.Core.Alerts;

/// <summary>The rules as data.</summary>
/// <remarks>
/// The rules of a sensor are found once after a change: at its next readings, or at once if it has watches of rules. So a change costs
/// little even with many sensors, and a reading costs nothing where no rule applies.
/// </remarks>
public sealed partial class SensorWatches
{
    /// <summary>Another object than <see cref="RuleSet.None"/>: a loaded state can have watches of rules that have gone since.</summary>
    private RuleSet _ruleSet = new([]);

    private readonly DueQueue _rulesDueWithoutSource = new();

    /// <summary>Applies other rules from now on. Rules that stay keep their dwell and alerts, also with other parameters.</summary>
    /// <param name="at">
    /// The time of the change, µs since the epoch. Alerts of rules that went are cleared then; <see cref="SensorWatch.Never"/>: at the
    /// last reading of the sensor.
    /// </param>
    /// <returns>Whether the state has changed.</returns>
    public bool UseRules(RuleSet set, long at, ICollection<AlertChange> changes)
    {
        var hasChanged = false;
        if (set == _ruleSet)
        {
            return hasChanged;
        }

        _ruleSet = set;
        foreach (var entry in _sensors.Values)
        {
            if ((set.HasTimed || !entry.Watch.Rules.IsEmpty) && ApplyRules(entry, at, changes))
            {
                _unwritten.Add(entry);
                hasChanged = true;
            }

            EnqueueRules(entry);
        }

        return hasChanged;
    }

    /// <summary>Ensures that the rules of the entry are checked in time.</summary>
    private void EnqueueRules(WatchedEntry entry)
    {
        if (entry.Watch.HasTimedRules)
        {
            (entry.Source < 0 ? _rulesDueWithoutSource : _sources[entry.Source].RulesDue).Put(entry, entry.Watch.RulesDueAt);
        }
    }

    private void CheckRules(DueQueue due, int source, long streamTime, ICollection<AlertChange> changes)
    {
        while (due.Take(streamTime) is { } entry)
        {
            // The queue of another source may have it, or it was removed.
            if (entry.Source == source && _sensors.GetValueOrDefault(entry.Watch.SensorId) == entry)
            {
                entry.Watch.CheckRules(streamTime, changes);
                _unwritten.Add(entry);
                EnqueueRules(entry);
            }
        }
    }

    private bool ApplyRules(WatchedEntry entry, long at, ICollection<AlertChange> changes)
    {
        entry.RuleSet = _ruleSet;
        return entry.Watch.ApplyRules(_ruleSet.Of(entry.Watch.SensorId), at, changes);
    }
}
