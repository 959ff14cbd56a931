using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Alerts;

/// <summary>The watches of one sensor by the rules as data that apply to it, in the order of the rules.</summary>
public struct RuleWatches
{
    private Slot[]? _slots;

    /// <summary>Whether a rule is judged by whole readings.</summary>
    internal bool HasOfReadings { get; private set; }

    /// <summary>Whether stream time judges a rule.</summary>
    internal bool HasTimed { get; private set; }

    /// <summary>Whether no rule applies to the sensor.</summary>
    public readonly bool IsEmpty => _slots is null;

    /// <returns>The watch of the rule; null if it does not apply to the sensor, or has another kind or measurement.</returns>
    public readonly RuleWatch? Find(RuleKey rule)
    {
        foreach (ref readonly var slot in _slots.AsSpan())
        {
            if (slot.Key.IsSame(rule))
            {
                return slot.Watch;
            }
        }

        return null;
    }

    internal readonly void Observe(in WatchedValue reading, ICollection<AlertChange> changes)
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            if (slot.Key.Measurement == reading.Measurement && slot.Rule is { } rule)
            {
                slot.Watch.Observe(reading, rule, changes);
            }
        }
    }

    /// <inheritdoc cref="RuleWatch.ObserveAll"/>
    internal readonly void ObserveAll(in WatchedReading reading, ReadOnlySpan<MeasuredValue> values, ICollection<AlertChange> changes)
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            if (slot.Rule is { } rule)
            {
                slot.Watch.ObserveAll(reading, values, rule, changes);
            }
        }
    }

    /// <inheritdoc cref="RuleWatch.DueAt"/>
    internal readonly long DueAt(in WatchedReading now)
    {
        var due = long.MaxValue;
        foreach (ref readonly var slot in _slots.AsSpan())
        {
            due = slot.Rule is { IsTimed: true } rule ? Math.Min(due, slot.Watch.DueAt(rule, now)) : due;
        }

        return due;
    }

    /// <inheritdoc cref="RuleWatch.Check"/>
    internal readonly void Check(in WatchedReading moment, ICollection<AlertChange> changes)
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            if (slot.Rule is { IsTimed: true } rule)
            {
                slot.Watch.Check(moment, rule, changes);
            }
        }
    }

    /// <summary>Applies other rules. A rule that stays keeps its watch; alerts of one that goes are cleared.</summary>
    /// <param name="last">A reading without a value, at the time of the clearing.</param>
    /// <returns>Whether a watch that had seen something went.</returns>
    internal bool Apply(ReadOnlySpan<WatchedRule> rules, in WatchedValue last, ICollection<AlertChange> changes)
    {
        var before = _slots.AsSpan();
        _slots = rules.IsEmpty ? null : new Slot[rules.Length];
        (HasOfReadings, HasTimed) = (false, false);
        for (var i = 0; i < rules.Length; i++)
        {
            var rule = rules[i];
            HasOfReadings |= rule.Condition is not ValueCondition;
            HasTimed |= rule.IsTimed;
            _slots![i] = new() { Key = rule.Key, Rule = rule };
            foreach (ref var kept in before)
            {
                if (kept.Key.IsSame(rule.Key))
                {
                    _slots[i].Watch = kept.Watch;
                    kept.Watch = default;
                }
            }
        }

        var hasGone = false;
        foreach (ref var gone in before)
        {
            hasGone |= gone.Watch.HasSeen;
            gone.Watch.Dismiss(last, gone.Key, isRuleGone: true, changes);
        }

        return hasGone;
    }

    /// <inheritdoc cref="RuleWatch.Dismiss"/>
    internal readonly void Dismiss(in WatchedValue last, ICollection<AlertChange> changes)
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            slot.Watch.Dismiss(last, slot.Key, isRuleGone: false, changes);
        }
    }

    /// <inheritdoc cref="RuleWatch.Forget"/>
    internal readonly void Forget(in WatchedValue last, ICollection<AlertChange> changes)
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            slot.Watch.Forget(last, slot.Key, changes);
        }
    }

    /// <inheritdoc cref="SensorWatch.CountAtLeast"/>
    internal readonly void CountAtLeast(RuleKey rule, int occurrences)
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            if (slot.Key.IsSame(rule))
            {
                slot.Watch.CountAtLeast(occurrences);
            }
        }
    }

    /// <summary>Collects the rules whose watch has seen something.</summary>
    internal readonly void AddTo(SortedDictionary<string, RuleKey> rules)
    {
        foreach (ref readonly var slot in _slots.AsSpan())
        {
            if (slot.Watch.HasSeen && slot.Key.Measurement != RuleKey.NotConfigured)
            {
                rules.TryAdd(slot.Key.Id, slot.Key);
            }
        }
    }

    /// <inheritdoc cref="RuleWatch.MarkInputs"/>
    internal readonly void MarkInputs(Span<bool> measurements)
    {
        foreach (ref readonly var slot in _slots.AsSpan())
        {
            slot.Watch.MarkInputs(measurements);
        }
    }

    internal readonly void Write(StateWriter writer, long @base, StateColumns columns)
    {
        foreach (var rule in columns.Rules)
        {
            (Find(rule) ?? default).Write(writer, @base, columns);
        }
    }

    /// <param name="columns">The written rules. Their watches wait for <see cref="Apply"/>.</param>
    internal void Read(ref StateReader reader, long @base, StateColumns columns)
    {
        List<Slot>? slots = null;
        foreach (var rule in columns.Rules)
        {
            if (RuleWatch.Read(ref reader, @base, columns) is { HasSeen: true } watch && rule.Measurement != RuleKey.NotConfigured)
            {
                (slots ??= []).Add(new() { Key = rule, Watch = watch });
            }
        }

        _slots = slots?.ToArray();
    }

    private struct Slot
    {
        public required RuleKey Key;
        public WatchedRule? Rule;
        public RuleWatch Watch;
    }
}
