using GrainSensors.Core.Alerts;
using GrainSensors.Hosting.Status;

namespace GrainSensors.Web.Views;

/// <summary>All sensors of the cluster, and how the pipeline stands, at one moment.</summary>
/// <param name="At">µs since the epoch.</param>
/// <param name="Metrics">Names of the measurements, in the order of the values.</param>
/// <param name="Sensors">By id.</param>
/// <param name="Rates">Readings a second at the last looks, the latest last.</param>
/// <param name="CheckpointAge">Seconds since the last checkpoint of the partition whose is oldest; null: there was none yet.</param>
/// <param name="Cluster">Null: it has not been asked yet.</param>
internal sealed record FleetSnapshot(
    long At,
    IReadOnlyList<string> Metrics,
    SensorLine[] Sensors,
    FleetCounts Counts,
    IReadOnlyList<double> Rates,
    double? CheckpointAge,
    ClusterStatus? Cluster)
{
    public double Rate => Rates.Count > 0 ? Rates[^1] : 0;

    public SensorLine? Find(int sensorId)
    {
        var (low, high) = (0, Sensors.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var found = Sensors[middle];
            if (found.SensorId == sensorId)
            {
                return found;
            }

            (low, high) = found.SensorId < sensorId ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }
}

/// <param name="Alerting">Those with an open alert, whatever their state.</param>
internal readonly record struct FleetCounts(int Total, int Reporting, int Silent, int Alerting);

/// <summary>A sensor at one moment.</summary>
/// <param name="LastAt">Of its latest reading, µs since the epoch; null: not known.</param>
/// <param name="Values">Of its latest reading, in the order of the measurements; NaN: none.</param>
/// <param name="OpenAlerts">How many.</param>
/// <param name="Level">The worst level of its open alerts; null: it has none.</param>
internal sealed record SensorLine(
    int SensorId, SensorCondition Condition, long? LastAt, double[] Values, int OpenAlerts, AlertLevel? Level, string? City, string? Station)
{
    public string? Place => City is null ? Station : Station is null ? City : $"{City}, {Station}";
}

public enum SensorCondition
{
    Reporting,

    /// <summary>It reports, but without a value of the first measurement.</summary>
    Disconnected,

    /// <summary>No reading for longer than the monitor's time-out.</summary>
    Silent,

    /// <summary>Nobody has looked for long enough to tell.</summary>
    Unknown,
}
