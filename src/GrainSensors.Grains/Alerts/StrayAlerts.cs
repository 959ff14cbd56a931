using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts;

/// <summary>
/// Alerts that are open in the table and that the state knows nothing of: raised by an activation that died before its
/// state was durable. As a rule the readings that are read again raise them again. One that came of the time that passed
/// between two readings may not be: when its sensor has been heard of after it, it is over.
/// </summary>
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
            if (StateOf(watches, alert, measurement) is not { IsOpen: true } state || state.RaisedAt != alert.RaisedAt || state.Occurrences < alert.Occurrences)
            {
                stray.Add((alert, measurement));
            }
        }

        return stray.Count == 0 ? None : new(stray);
    }

    /// <summary>Clears those whose sensor has been heard of since.</summary>
    public void Settle(SensorWatches watches, ICollection<AlertChange> changes) => _alerts.RemoveAll(stray =>
    {
        var (alert, measurement) = stray;
        if (watches.Find(alert.SensorId) is not { } watch || watch.LastReadingAt <= alert.LastRaisedAt)
        {
            return false;
        }

        if (StateOf(watches, alert, measurement) is { IsOpen: true } state && state.RaisedAt == alert.RaisedAt)
        {
            watch.CountAtLeast(measurement, alert.Occurrences);
            return true;
        }

        if (changes.Any(change => IsEndOf(change, alert, measurement)))
        {
            return true;
        }

        // Which reading it was that cleared it is not known any more.
        var value = measurement < 0 ? 0 : watch.Values[measurement].Usual.Mean;
        changes.Add(new(
            alert.SensorId, measurement, alert.Kind, AlertTransition.Cleared, alert.RaisedAt, watch.LastReadingAt, value, alert.Expected,
            alert.LastReadingAt ?? SensorWatch.Never, alert.Occurrences));
        return true;
    });

    /// <summary>The readings that raised it again have cleared it in the same batch, and know better when.</summary>
    private static bool IsEndOf(in AlertChange change, Alert alert, int measurement) =>
        change.Transition == AlertTransition.Cleared && change.SensorId == alert.SensorId && change.Measurement == measurement && change.Kind == alert.Kind
        && change.RaisedAt == alert.RaisedAt && change.Occurrences >= alert.Occurrences;

    private static AlertState? StateOf(SensorWatches watches, Alert alert, int measurement) => watches.Find(alert.SensorId) switch
    {
        null => null,
        var watch when alert.Kind == AlertKind.Disconnected => watch.Silence,
        var watch => measurement < 0 ? null : watch.Values[measurement].Alert,
    };
}
