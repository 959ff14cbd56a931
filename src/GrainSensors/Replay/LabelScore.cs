using System.Globalization;
using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;

namespace GrainSensors.Replay;

/// <summary>How well extreme values were found in a recording whose readings are labelled: 1 belongs to an event, 0 does not.</summary>
/// <param name="Events">Stretches of labelled readings of a sensor.</param>
/// <param name="EventsFound">Those during which an alert was open.</param>
/// <param name="Precision">Of the readings during alerts, the share that is labelled.</param>
/// <param name="Recall">Of the labelled readings, the share that was read during alerts.</param>
/// <param name="FalseAlarms">Alerts during which no labelled reading was read.</param>
internal sealed record LabelScore(int Events, int EventsFound, double Precision, double Recall, int FalseAlarms, double SensorDays)
{
    /// <summary>Labelled readings with more than this between them are two events, µs.</summary>
    private const long EventGap = 60 * EpochTime.MicrosPerSecond;

    public double FalseAlarmsPerSensorDay => SensorDays > 0 ? FalseAlarms / SensorDays : 0;

    /// <summary>A reading of the recording.</summary>
    public readonly record struct Labelled(int SensorId, long At, bool IsEvent);

    public static LabelScore Of(IReadOnlyCollection<Labelled> readings, IEnumerable<AlertRecorder.Row> alerts)
    {
        var bySensor = alerts.Where(alert => alert.Kind == AlertKind.Extreme).ToLookup(alert => alert.SensorId);
        var (events, found, truePositives, positives, labelled, falseAlarms, days) = (0, 0, 0L, 0L, 0L, 0, 0.0);
        foreach (var sensor in readings.GroupBy(reading => reading.SensorId))
        {
            var inOrder = sensor.OrderBy(reading => reading.At).ToList();
            var mine = bySensor[sensor.Key].Select(alert => (From: alert.RaisedAt, To: alert.ClearedAt ?? long.MaxValue)).ToList();
            days += (inOrder[^1].At - inOrder[0].At) / (86_400.0 * EpochTime.MicrosPerSecond);
            falseAlarms += mine.Count(alert => !inOrder.Exists(reading => reading.IsEvent && alert.From <= reading.At && reading.At < alert.To));
            var (last, isFound) = (long.MinValue, false);
            foreach (var reading in inOrder)
            {
                var isAlerted = mine.Exists(alert => alert.From <= reading.At && reading.At < alert.To);
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

        return new(events, found, positives == 0 ? 1 : (double)truePositives / positives, labelled == 0 ? 1 : (double)truePositives / labelled, falseAlarms, days);
    }

    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{EventsFound} of {Events} labelled events found; of the readings, precision {Precision:0.000}, recall {Recall:0.000}; ");
        text.Append(CultureInfo.InvariantCulture, $"{FalseAlarms} false alarms in {SensorDays:0.0} sensor-days, {FalseAlarmsPerSensorDay:0.00} a sensor-day");
        return text.ToString();
    }
}
