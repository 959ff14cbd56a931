namespace GrainSensors.Storage.Alerts;

/// <summary>The rows that result from states of alerts: the last state of each alert, and each interval once.</summary>
internal readonly record struct AlertStates(IReadOnlyCollection<Alert> Alerts, IReadOnlyCollection<AlertInterval> Intervals)
{
    /// <param name="states">The states in the order of time.</param>
    public static AlertStates Of(IReadOnlyCollection<Alert> states)
    {
        var alerts = new Dictionary<Guid, Alert>();
        var intervals = new Dictionary<(Guid, int), AlertInterval>();
        foreach (var state in states)
        {
            // The state of a clearing lacks the value that raised the alert.
            alerts[state.Id] = state.ClearedAt is not null
                && alerts.TryGetValue(state.Id, out var raised)
                && raised.Occurrences == state.Occurrences
                    ? raised with { ClearedAt = state.ClearedAt }
                    : state;
            intervals[(state.Id, state.Occurrences)] = new(state.Id, state.Occurrences, state.LastRaisedAt, state.ClearedAt);
        }

        return new(alerts.Values, intervals.Values);
    }
}
