using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Local;

/// <summary>
/// Readings in a temporary DuckDB file. DuckDB spills to disk beyond its memory limit; the folder is deleted at the end.
/// </summary>
internal sealed class DuckReadings : IDisposable
{
    private readonly string _folder;
    private readonly DuckDBConnection _connection;
    private readonly int _measurements;

    /// <param name="folder">An empty folder for the database file and for data that exceeds the memory limit.</param>
    /// <param name="memory">The memory limit in the notation of DuckDB: <c>1GB</c>.</param>
    /// <param name="measurements">The number of measurements.</param>
    public DuckReadings(string folder, string memory, int measurements)
    {
        (_folder, _measurements) = (folder, measurements);
        _connection = new($"DataSource={Path.Combine(folder, "readings.duckdb")}");
        _connection.Open();
        Execute($"SET memory_limit = '{Quoted(memory)}'");
        Execute($"SET temp_directory = '{Quoted(Path.Combine(folder, "spill"))}'");

        // Queries that need an order sort by themselves; keeping the insertion order costs memory.
        Execute("SET preserve_insertion_order = false");
        var columns = Enumerable.Range(0, measurements).Select(index => $", {WindowsStatement.Column(index)} DOUBLE");
        Execute("CREATE TABLE others (sensor_id INTEGER NOT NULL, event_time BIGINT NOT NULL, measurement INTEGER NOT NULL, value DOUBLE)");
        Execute($"CREATE TABLE readings (sensor_id INTEGER NOT NULL, event_time BIGINT NOT NULL{string.Concat(columns)})");
    }

    public Loading Load() => new(_connection.CreateAppender("readings"), _connection.CreateAppender("others"), _measurements);

    /// <param name="windows">A statement of <see cref="RequestedWindows"/>.</param>
    public IAsyncEnumerable<RecomputedWindow> WindowsAsync(string windows, CancellationToken cancellationToken) => QueryAsync(
        $"SELECT * FROM ({windows}) ORDER BY 1, 2, 3", RecomputedWindow.Read, cancellationToken);

    /// <inheritdoc cref="WindowsAsync"/>
    public IAsyncEnumerable<WindowValue> ValuesAsync(string values, CancellationToken cancellationToken) => QueryAsync(
        $"SELECT sensor_id, position, window_start, event_time, value FROM ({values}) ORDER BY 1, 2, 3",
        reader => new WindowValue(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetDouble(4)),
        cancellationToken);

    public void Dispose()
    {
        _connection.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async IAsyncEnumerable<T> QueryAsync<T>(
        string sql, Func<DuckDBDataReader, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var command = _connection.CreateCommand();
        command.UseStreamingMode = true;
        command.CommandText = sql;
        using var reader = await Task.Run(command.ExecuteReader, cancellationToken);
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return read(reader);
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Quoted(string text) => text.Replace("'", "''", StringComparison.Ordinal);

    /// <summary>Appends to the tables; rows become visible when the appenders are disposed.</summary>
    public sealed class Loading(DuckDBAppender appender, DuckDBAppender others, int measurements) : IDisposable
    {
        public void Add(int sensorId, long eventTime, MeasurementValues values, IReadOnlyList<MeasuredValue> discovered)
        {
            var row = appender.CreateRow().AppendValue(sensorId).AppendValue(eventTime);
            for (var i = 0; i < measurements; i++)
            {
                row = double.IsNaN(values[i]) ? row.AppendNullValue() : row.AppendValue(values[i]);
            }

            row.EndRow();
            foreach (var (measurement, value) in discovered)
            {
                others.CreateRow().AppendValue(sensorId).AppendValue(eventTime).AppendValue(measurement).AppendValue(value).EndRow();
            }
        }

        public void Dispose()
        {
            appender.Dispose();
            others.Dispose();
        }
    }
}
