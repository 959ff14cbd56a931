namespace GrainSensors.Core.Alerts;

/// <summary>The rules as data.</summary>
public sealed partial class SensorWatch
{
    /// <summary>Whether stream time judges a rule as data.</summary>
    internal bool HasTimedRules => _rules.HasTimed;

    /// <summary>
    /// The stream time after which <see cref="CheckRules"/> must be called, µs since the epoch; <see cref="long.MaxValue"/> if the rules
    /// wait for nothing.
    /// </summary>
    internal long RulesDueAt => _rules.DueAt(Now(Never));

    /// <summary>Judges the rules that wait for a time which has come.</summary>
    /// <param name="streamTime">As for <see cref="CheckSilence"/>.</param>
    internal void CheckRules(long streamTime, ICollection<AlertChange> changes) =>
        _rules.Check(Now(streamTime), changes);

    private WatchedReading Now(long time) => new(sensorId, time, _heard, _waitingSince, _lastGood);

    /// <inheritdoc cref="RuleWatches.Apply"/>
    /// <param name="at">The time of the change, µs since the epoch; <see cref="Never"/> for that of the last reading.</param>
    internal bool ApplyRules(ReadOnlySpan<WatchedRule> rules, long at, ICollection<AlertChange> changes) =>
        _rules.Apply(rules, Nothing(Math.Max(at, _heard)), changes);
}
