using System.Globalization;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Terminal;

namespace GrainSensors.Replay;

/// <summary>
/// The quality of extreme-value detection on a recording with labels. Label 1 marks a reading of an event, 0 any other reading.
/// </summary>
/// <param name="Events">Number of events: runs of labelled readings of one sensor.</param>
/// <param name="EventsFound">Events during which an alert was open.</param>
/// <param name="Precision">Share of labelled readings among the readings during alerts.</param>
/// <param name="Recall">Share of readings during alerts among the labelled readings.</param>
/// <param name="FalseAlarms">Alerts without a labelled reading.</param>
internal sealed record LabelScore(int Events, int EventsFound, double Precision, double Recall, int FalseAlarms, double SensorDays)
{
    /// <summary>A longer gap between labelled readings separates two events, µs.</summary>
    private const long EventGap = 60 * EpochTime.MicrosPerSecond;

    public double FalseAlarmsPerSensorDay => SensorDays > 0 ? FalseAlarms / SensorDays : 0;

    /// <summary>A reading of the recording.</summary>
    public readonly record struct Labelled(SensorRef Sensor, long At, bool IsEvent);

    public static LabelScore Of(IReadOnlyCollection<Labelled> readings, IEnumerable<AlertRecorder.Row> alerts)
    {
        var bySensor = alerts.Where(alert => alert.Kind != AlertKind.Disconnected).ToLookup(alert => Known(alert.Sensor));
        var (events, found, truePositives, positives, labelled, falseAlarms, days) = (0, 0, 0L, 0L, 0L, 0, 0.0);
        foreach (var sensor in readings.GroupBy(reading => Known(reading.Sensor)))
        {
            var inOrder = sensor.OrderBy(reading => reading.At).ToList();
            var open = bySensor[sensor.Key].Select(alert => (From: alert.RaisedAt, To: alert.ClearedAt ?? long.MaxValue)).ToList();
            days += (inOrder[^1].At - inOrder[0].At) / (86_400.0 * EpochTime.MicrosPerSecond);
            falseAlarms += open.Count(alert =>
                !inOrder.Exists(reading => reading.IsEvent && alert.From <= reading.At && reading.At < alert.To));
            var (last, isFound) = (long.MinValue, false);
            foreach (var reading in inOrder)
            {
                var isAlerted = open.Exists(alert => alert.From <= reading.At && reading.At < alert.To);
                positives += isAlerted ? 1 : 0;
                if (!reading.IsEvent)
                {
                    continue;
                }

                labelled++;
                truePositives += isAlerted ? 1 : 0;
                if (last == long.MinValue || reading.At - last > EventGap)
                {
                    (events, isFound) = (events + 1, false);
                }

                last = reading.At;
                if (isAlerted && !isFound)
                {
                    (found, isFound) = (found + 1, true);
                }
            }
        }

        return new(events, found, Share(truePositives, positives), Share(truePositives, labelled), falseAlarms, days);
    }

    public string ToText()
    {
        var culture = CultureInfo.InvariantCulture;
        var found = $"{EventsFound} of {Plural.Of(Events, "labelled event")} found";
        var quality = string.Create(culture, $"precision {Precision:0.000}, recall {Recall:0.000}");
        var rate = string.Create(culture, $"in {SensorDays:0.0} sensor-days ({FalseAlarmsPerSensorDay:0.00} per sensor-day)");
        return $"{found}, {quality}; {Plural.Of(FalseAlarms, "false alarm")} {rate}";
    }

    /// <summary>The store and the recording give a name different numbers.</summary>
    private static SensorRef Known(SensorRef sensor) => sensor.Name is null ? sensor : sensor with { Id = SensorName.NoNumber };

    /// <returns>1 where there is nothing to share.</returns>
    private static double Share(long part, long whole) => whole == 0 ? 1 : (double)part / whole;
}
