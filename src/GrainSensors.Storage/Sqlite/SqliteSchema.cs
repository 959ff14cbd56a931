using DbUp;
using DbUp.Engine;
using DbUp.Sqlite.Helpers;
using GrainSensors.Storage.Migrations;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Migrates a file: the numbered migrations, then the view for the readers of the old table.</summary>
internal sealed partial class SqliteSchema(string store, ILogger logger)
{
    private const string View = "sensor_temperatures";
    private const string Legacy = "sensor_temperatures_legacy";

    private static readonly string[] ViewColumns =
        ["sensor_id", "window_start", "window_end", "avg_temperature", "min_temperature", "max_temperature"];

    private sealed record Step(string Sql, string Sentence);

    /// <exception cref="WindowStoreUnavailableException">The file has run a migration that requires a newer program.</exception>
    public void Check(SqliteConnection connection) =>
        MigrationJournal.Check(store, ReadJournal(connection), MigrationScripts.Of("sqlite"));

    public void Prepare(SqliteConnection connection)
    {
        Check(connection);
        CheckStopped(connection);
        using (var shared = new SharedConnection(connection))
        {
            var result = Engine(shared).PerformUpgrade();
            if (!result.Successful)
            {
                throw new WindowStoreUnavailableException(
                    $"The window store {store} could not be migrated by {result.ErrorScript?.Name ?? "its first step"}: "
                    + $"{result.Error.Message.ReplaceLineEndings(" ").TrimEnd('.')}.",
                    result.Error);
            }

            foreach (var script in result.Scripts)
            {
                LogMigrated(logger, script.Name);
            }
        }

        RecordOldestPrograms(connection);
        SqliteSensors.Extend(connection);
        using var transaction = connection.BeginTransaction();
        foreach (var step in ViewSteps(connection))
        {
            using var command = connection.CreateCommand();
            command.CommandText = step.Sql;
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <exception cref="WindowStoreUnavailableException">A program of version 0.1 was not stopped, but killed.</exception>
    private void CheckStopped(SqliteConnection connection)
    {
        if (Find(connection, "sensor_windows").Type != "table")
        {
            return;
        }

        var stop = new UncleanStop(store);
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT topic_id, partition, next_offset FROM checkpoints";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                stop.AddCheckpoint(new(Guid.Parse(reader.GetString(0)), reader.GetInt32(1)), reader.GetInt64(2));
            }
        }

        using var search = connection.CreateCommand();
        search.CommandText =
            "SELECT marks, sensor_id, window_start FROM sensor_windows "
            + "WHERE updated_at >= (SELECT min(updated_at) - 3600000000 FROM checkpoints)";
        using var rows = search.ExecuteReader();
        while (rows.Read())
        {
            stop.Check(rows.GetFieldValue<byte[]>(0), rows.GetInt32(1), rows.GetInt64(2));
        }
    }

    /// <param name="connection">The connection; null if the file does not exist yet.</param>
    public IReadOnlyList<string> Plan(SqliteConnection? connection)
    {
        if (connection is null)
        {
            var migrations = MigrationScripts.Of("sqlite").Select(MigrationScripts.Describe);
            return [$"Create the file of {store}.", .. migrations, DescribeView(hasLegacy: false)];
        }

        Check(connection);
        using var shared = new SharedConnection(connection);
        return
        [
            .. Engine(shared).GetScriptsToExecute().Select(MigrationScripts.Describe),
            .. ViewSteps(connection).Select(step => step.Sentence),
        ];
    }

    /// <returns>The migrations that the store has run, and the oldest program that each of them allows.</returns>
    private static List<(string Script, string? OldestProgram)> ReadJournal(SqliteConnection connection)
    {
        var (_, table) = Find(connection, MigrationScripts.Journal);
        if (table is null)
        {
            return [];
        }

        var oldest = table.Contains(MigrationJournal.OldestProgramColumn, StringComparison.Ordinal)
            ? MigrationJournal.OldestProgramColumn
            : "NULL";
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT ScriptName, {oldest} FROM {MigrationScripts.Journal} ORDER BY ScriptName";
        var ran = new List<(string, string?)>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            ran.Add((reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1)));
        }

        return ran;
    }

    private static void RecordOldestPrograms(SqliteConnection connection)
    {
        var ran = ReadJournal(connection).Where(migration => migration.OldestProgram is null).Select(migration => migration.Script);
        foreach (var script in MigrationScripts.Of("sqlite").IntersectBy(ran, script => script.Name))
        {
            using var command = connection.CreateCommand();
            command.CommandText =
                $"UPDATE {MigrationScripts.Journal} SET {MigrationJournal.OldestProgramColumn} = $oldest WHERE ScriptName = $name";
            command.Parameters.AddWithValue("$oldest", MigrationJournal.OldestProgram(script));
            command.Parameters.AddWithValue("$name", script.Name);
            command.ExecuteNonQuery();
        }
    }

    private static string DescribeView(bool hasLegacy) =>
        $"Create the view {View} of the new windows{(hasLegacy ? $", and of the other rows of {Legacy}" : "")}.";

    private List<Step> ViewSteps(SqliteConnection connection)
    {
        var (type, sql) = Find(connection, View);
        var hasLegacy = Find(connection, Legacy).Type is not null;
        var steps = new List<Step>();
        if (type == "table")
        {
            if (hasLegacy)
            {
                throw new WindowStoreUnavailableException(
                    $"The window store {store} has both a table {View} and a table {Legacy}; rename one of them.");
            }

            steps.Add(new($"ALTER TABLE {View} RENAME TO {Legacy}", $"Rename the table {View} to {Legacy}; nothing is dropped."));
            hasLegacy = true;
        }

        var wanted = $"CREATE VIEW {View} AS\n{Select(hasLegacy)}";
        if (sql != wanted)
        {
            steps.Add(new($"DROP VIEW IF EXISTS {View};\n{wanted}", DescribeView(hasLegacy)));
        }

        return steps;
    }

    private static string Select(bool hasLegacy)
    {
        var select = MigrationScripts.Read($"sqlite/{View}.sql").TrimEnd();
        return !hasLegacy ? select :
            $"""
            {select}
            UNION ALL
            SELECT {string.Join(", ", ViewColumns.Select(column => $"l.{column}"))}
            FROM {Legacy} AS l
            WHERE NOT EXISTS (
                SELECT 1 FROM contract_windows AS w
                WHERE w.window_start = unixepoch(l.window_start) * 1000000 AND w.window_end = unixepoch(l.window_end) * 1000000
                    AND w.sensor_id = l.sensor_id AND w.metric = 'temperature')
            """;
    }

    private static (string? Type, string? Sql) Find(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT type, sql FROM sqlite_master WHERE name = $name AND type IN ('table', 'view')";
        command.Parameters.AddWithValue("$name", name);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetString(0), reader.GetString(1)) : (null, null);
    }

    private static UpgradeEngine Engine(SharedConnection connection) => DeployChanges.To
        .SqliteDatabase(connection)
        .WithScripts(MigrationScripts.Of("sqlite"))
        .JournalToSqliteTable(MigrationScripts.Journal)
        .WithTransactionPerScript()
        .WithVariablesDisabled()
        .LogToNowhere()
        .Build();

    [LoggerMessage(2101, LogLevel.Information, "Ran the migration {Name}")]
    private static partial void LogMigrated(ILogger logger, string name);
}
