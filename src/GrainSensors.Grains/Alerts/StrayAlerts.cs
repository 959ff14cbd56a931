using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>Alerts that are open in the table and missing in the state of the shard.</summary>
/// <remarks>
/// An activation raised them and died before its state was durable. As a rule the readings that are processed again raise them again.
/// An alert that stream time raised between two readings may not be raised again; it is cleared once its sensor has reported.
/// </remarks>
internal sealed class StrayAlerts
{
    private readonly List<(Alert Alert, int Measurement)> _alerts;

    private StrayAlerts(List<(Alert, int)> alerts) => _alerts = alerts;

    public static StrayAlerts None { get; } = new([]);

    public int Count => _alerts.Count;

    public static StrayAlerts Of(IReadOnlyList<Alert> open, SensorWatches watches, AlertTexts texts)
    {
        var stray = new List<(Alert, int)>();
        foreach (var alert in open)
        {
            var measurement = texts.IndexOf(alert.Measurement);
            if (StateOf(watches, alert, measurement) is not { IsOpen: true } state
                || state.RaisedAt != alert.RaisedAt
                || state.Occurrences < alert.Occurrences)
            {
                stray.Add((alert, measurement));
            }
        }

        return stray.Count == 0 ? None : new(stray);
    }

    /// <summary>Clears the alerts whose sensor has reported since.</summary>
    public void ClearObsolete(SensorWatches watches, ICollection<AlertChange> changes) => _alerts.RemoveAll(stray =>
    {
        var (alert, measurement) = stray;
        if (watches.Find(alert.SensorId) is not { } watch || watch.LastReadingAt <= alert.LastRaisedAt)
        {
            return false;
        }

        if (StateOf(watches, alert, measurement) is { } state && state.RaisedAt == alert.RaisedAt)
        {
            // The next occurrence must not have the number of this one.
            watches.CountAtLeast(alert.SensorId, measurement, RuleOf(alert, measurement), alert.Occurrences);
            if (state.IsOpen)
            {
                return true;
            }
        }

        if (changes.Any(change => IsEndOf(change, alert, measurement)))
        {
            return true;
        }

        // The reading that cleared the alert is unknown.
        var value = measurement < 0 ? 0 : watch.Values[measurement].Usual.Mean;
        changes.Add(new(
            alert.SensorId, measurement, alert.Kind, AlertTransition.Cleared, alert.RaisedAt, alert.LastRaisedAt, watch.LastReadingAt,
            value, alert.Expected, alert.LastReadingAt ?? SensorWatch.Never, alert.Occurrences)
        {
            Rule = RuleOf(alert, measurement),
            FormerMeasurement = FormerOf(alert, measurement),
        });
        return true;
    });

    /// <summary>Clears the alerts about a dismissed sensor that its readings will not raise again.</summary>
    /// <param name="until">The time of the dismissal, µs since the epoch. Readings up to it are ignored.</param>
    /// <param name="timeout">The timeout of the sensor, µs.</param>
    public void Dismiss(int sensorId, long until, long timeout, ICollection<AlertChange> changes) => _alerts.RemoveAll(stray =>
    {
        var (alert, measurement) = stray;
        var isByTime = alert.Kind is AlertKind.Disconnected or AlertKind.Missing or AlertKind.Window && alert.LastReadingAt <= until
            && (alert.RaisedAt == alert.LastReadingAt + timeout || RuleOf(alert, measurement) is not null);
        if (alert.SensorId != sensorId || (alert.RaisedAt > until && !isByTime))
        {
            return false;
        }

        if (changes.Any(change => IsEndOf(change, alert, measurement)))
        {
            return true;
        }

        changes.Add(new(
            sensorId, measurement, alert.Kind, AlertTransition.Cleared, alert.RaisedAt, alert.LastRaisedAt,
            Math.Max(until, alert.LastRaisedAt), double.NaN, alert.Expected, alert.LastReadingAt ?? SensorWatch.Never, alert.Occurrences)
        {
            Rule = RuleOf(alert, measurement),
            FormerMeasurement = FormerOf(alert, measurement),
        });
        return true;
    });

    /// <returns>Whether the readings that raised the alert again cleared it in the same batch; their time of clearing is exact.</returns>
    private static bool IsEndOf(in AlertChange change, Alert alert, int measurement) =>
        change.Transition == AlertTransition.Cleared
        && change.SensorId == alert.SensorId
        && change.Measurement == measurement
        && change.FormerMeasurement == FormerOf(alert, measurement)
        && change.Kind == alert.Kind
        && change.Rule?.Id == RuleOf(alert, measurement)?.Id
        && change.RaisedAt == alert.RaisedAt
        && change.Occurrences >= alert.Occurrences;

    private static string? FormerOf(Alert alert, int measurement) =>
        measurement == RuleKey.NotConfigured ? alert.Measurement : null;

    private static AlertState? StateOf(SensorWatches watches, Alert alert, int measurement) => watches.Find(alert.SensorId) switch
    {
        null => null,
        var watch when RuleOf(alert, measurement) is { } rule => watch.Rules.Find(rule)?.Alert,
        var watch when alert.Kind == AlertKind.Disconnected => watch.Silence,
        var watch => measurement < 0 ? null : watch.Values[measurement].Alert,
    };

    /// <returns>The rule as data; null: a built-in one.</returns>
    private static RuleKey? RuleOf(Alert alert, int measurement) =>
        alert.Kind.IsBuiltIn(alert.Rule) ? null : new(alert.Rule, alert.Kind, measurement, alert.Level);
}
