using System.Globalization;
using DbUp;
using DbUp.Engine;
using DbUp.Sqlite.Helpers;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Migrations;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Storage.Tests;

/// <summary>A store as an older program left it.</summary>
internal sealed class OldStore : IAsyncDisposable
{
    private readonly string? _path;

    private OldStore(IStore store, string? path) => (Store, _path) = (store, path);

    public IStore Store { get; }

    public string Dialect => _path is null ? "postgres" : "sqlite";

    /// <returns>The migrations of the program whose last one is given.</returns>
    public static SqlScript[] Scripts(string dialect, string last) =>
        [.. MigrationScripts.Of(dialect).Where(script => string.CompareOrdinal(script.Name, last) <= 0)];

    /// <param name="last">The last migration that the older program knew.</param>
    public static async Task<OldStore> CreateAsync(
        string dialect, string last, PostgresServer server, TemporaryDirectory directory, ILoggerFactory? logs = null)
    {
        var options = new WindowStoreOptions { Retention = Timeout.InfiniteTimeSpan };
        if (dialect == "sqlite")
        {
            var path = directory.File("a.db");
            await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            using var shared = new SharedConnection(connection);
            Upgrade(DeployChanges.To.SqliteDatabase(shared).JournalToSqliteTable(MigrationScripts.Journal));
            return new(new SqliteWindowStore(path, options, loggerFactory: logs), path);
        }

        var address = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(address);
        Upgrade(DeployChanges.To.PostgresqlDatabase(new DataSourceConnections(source))
            .JournalToPostgresqlTable("public", MigrationScripts.Journal));
        return new(new PostgresWindowStore(address, options, loggerFactory: logs), null);

        void Upgrade(DbUp.Builder.UpgradeEngineBuilder builder)
        {
            var engine = builder.WithScripts(Scripts(dialect, last)).WithTransactionPerScript().WithVariablesDisabled().LogToNowhere()
                .Build();
            Assert.True(engine.PerformUpgrade().Successful);
        }
    }

    /// <summary>Inserts a row of the table of version 0.1, which had a row for each measurement.</summary>
    public Task InsertAsync(WindowRow row) => SelectAsync(
        "INSERT INTO sensor_windows (sensor_id, metric, window_start, window_end, sample_count, mean, m2, min, max, marks, token, "
        + "revision, is_final, updated_at) VALUES ("
        + string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Key.SensorId}, '{row.Key.Measurement}', {Time(row.Key.Start)}, {Time(row.Key.End)}, {row.Statistics.Count}, "
            + $"{row.Statistics.Mean}, {row.Statistics.M2}, {row.Statistics.Min}, {row.Statistics.Max}, {Bytes(row.Marks.ToBytes())}, "
            + $"{row.RowVersion}, {row.Revision}, {(_path is null ? $"{row.IsFinal}" : row.IsFinal ? "1" : "0")}, {Time(row.Key.End)})"));

    /// <summary>Inserts a checkpoint of version 0.1.</summary>
    public Task InsertCheckpointAsync(SourceId source, long nextOffset) => SelectAsync(
        "INSERT INTO checkpoints (topic_id, partition, next_offset, stream_time, open_from, updated_at) VALUES "
        + $"('{source.TopicId}', {source.Partition}, {nextOffset}, {Time(0)}, {Time(0)}, {Time(0)})");

    public async Task<List<object?[]>> SelectAsync(string sql)
    {
        if (Store is PostgresWindowStore postgres)
        {
            return await postgres.DataSource.SelectAsync(sql);
        }

        await using var connection = new SqliteConnection($"Data Source={_path};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        }

        return rows;
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private string Time(long micros) =>
        _path is null ? $"'{EpochTime.ToIso8601(micros)}'" : micros.ToString(CultureInfo.InvariantCulture);

    private string Bytes(byte[] bytes) => _path is null ? $"'\\x{Convert.ToHexString(bytes)}'" : $"X'{Convert.ToHexString(bytes)}'";
}
