using System.Globalization;
using GrainSensors.Core.Windows;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Web.Reports;

/// <summary>A day of many sensors; every format of the report is made from it.</summary>
/// <param name="Period">Length of the windows that the report is computed from.</param>
/// <param name="Every">Interval at which sensors are expected to report; null: the usual one of each sensor.</param>
public sealed record DailyReport(LocalDay Day, Period Period, TimeSpan? Every, IReadOnlyList<SensorDay> Sensors)
{
    public string DateText => Day.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public long Readings => Sensors.Sum(sensor => sensor.Readings);

    public long Missing => Sensors.Sum(sensor => sensor.Missing);

    public int Alerts => Sensors.Sum(sensor => sensor.Alerts.Count);

    /// <returns><c>1 alert</c>, <c>2 alerts</c>.</returns>
    public string AlertsText => string.Create(CultureInfo.InvariantCulture, $"{Alerts:N0} alert{(Alerts == 1 ? "" : "s")}");

    /// <returns><c>Berlin, Tempelhof</c>; empty for a sensor that is not registered.</returns>
    public static string PlaceOf(SensorDay sensor) =>
        string.Join(", ", new[] { sensor.City, sensor.Station }.Where(part => !string.IsNullOrEmpty(part)));

    /// <returns><c>7 · Berlin, Tempelhof</c>, or the id alone for a sensor that is not registered.</returns>
    public static string NameOf(SensorDay sensor)
    {
        var id = sensor.Sensor.ToString();
        return PlaceOf(sensor) is { Length: > 0 } place ? $"{id} · {place}" : id;
    }

    /// <returns><c>1 h 45 min</c>; <c>-</c> for none.</returns>
    public static string DurationText(TimeSpan duration) => duration == TimeSpan.Zero ? "-" : DisplayFormat.Duration(duration);
}
