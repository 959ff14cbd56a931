using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Storage.Labels;

/// <summary>Applies silences with matchers to alerts that were read. Thread-safe.</summary>
internal sealed class LabelSilences
{
    /// <summary>The conditions of the active silences by their column; null: they cannot be read, and match nothing.</summary>
    private volatile Dictionary<string, SilenceConditions?> _compiled = [];

    /// <param name="alerts">With the end of the silences of their sensors and of all sensors.</param>
    /// <param name="active">The active silences with matchers.</param>
    /// <param name="sensors">The registered ones of the alerts' sensors.</param>
    /// <returns>The alerts with the latest end of all silences that match them.</returns>
    public IReadOnlyList<Alert> Apply(
        IReadOnlyList<Alert> alerts, IReadOnlyCollection<LabelSilence> active, IEnumerable<RegisteredSensor> sensors)
    {
        var conditions = Compile(active);
        var places = sensors.ToDictionary(sensor => sensor.SensorId);
        var latestFirst = active.OrderByDescending(silence => silence.EndsAt).ToList();
        return [.. alerts.Select(Silenced)];

        Alert Silenced(Alert alert)
        {
            var labels = AlertLabels.Of(alert, places.GetValueOrDefault(alert.SensorId));
            var until = latestFirst.FirstOrDefault(silence => conditions[silence.Matchers]?.Match(labels) == true)?.EndsAt;
            return until is null || alert.SilencedUntil >= until ? alert : alert with { SilencedUntil = until };
        }
    }

    private Dictionary<string, SilenceConditions?> Compile(IReadOnlyCollection<LabelSilence> active)
    {
        var known = _compiled;
        if (active.All(silence => known.ContainsKey(silence.Matchers)) && known.Count <= 2 * active.Count)
        {
            return known;
        }

        return _compiled = active.Select(silence => silence.Matchers).Distinct(StringComparer.Ordinal)
            .ToDictionary(column => column, column => known.TryGetValue(column, out var conditions) ? conditions : Parse(column));
    }

    private static SilenceConditions? Parse(string column)
    {
        try
        {
            return SilenceConditions.Parse(Silence.MatchersOf(column), nameof(Silence.Matchers));
        }
        catch (FormatException)
        {
            // Another program has written it. Alerts are delivered, and the list of silences shows what it is.
            return null;
        }
    }
}

/// <param name="Matchers">The column <c>matchers</c>.</param>
/// <param name="EndsAt">µs since the epoch.</param>
internal sealed record LabelSilence(string Matchers, long EndsAt);
