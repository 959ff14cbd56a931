using GrainSensors.Core.Readings;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Reconciliation.Spark;

/// <summary>Writes readings to the staging table of a run, many at once. For one thread.</summary>
internal sealed class StagedReadings(NpgsqlDataSource database, string run, int measurements, int rowsAtOnce)
{
    private readonly List<(int SensorId, long EventTime, double?[] Measured)> _rows = new(rowsAtOnce);

    /// <summary>Adds a reading that has a value of a declared measurement.</summary>
    /// <param name="others">Measurements that are not declared, which Spark does not compare.</param>
    public void Add(int sensorId, long eventTime, MeasurementValues values, IReadOnlyList<MeasuredValue> others)
    {
        var measured = new double?[measurements];
        for (var i = 0; i < measurements; i++)
        {
            measured[i] = double.IsNaN(values[i]) ? null : values[i];
        }

        if (Array.TrueForAll(measured, value => value is null))
        {
            return;
        }

        _rows.Add((sensorId, eventTime, measured));
        if (_rows.Count == rowsAtOnce)
        {
            Flush();
        }
    }

    /// <summary>Writes what was added.</summary>
    public void Flush()
    {
        if (_rows.Count == 0)
        {
            return;
        }

        using var connection = database.OpenConnection();
        using (var rows = connection.BeginBinaryImport(
            "COPY reconciliation_readings (run_id, sensor_id, event_time, measured) FROM STDIN (FORMAT BINARY)"))
        {
            foreach (var (sensorId, eventTime, measured) in _rows)
            {
                rows.StartRow();
                rows.Write(run, NpgsqlDbType.Text);
                rows.Write(sensorId, NpgsqlDbType.Integer);
                rows.Write(eventTime, NpgsqlDbType.Bigint);
                rows.Write(measured, NpgsqlDbType.Array | NpgsqlDbType.Double);
            }

            rows.Complete();
        }

        _rows.Clear();
    }
}
