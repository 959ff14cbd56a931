using DbUp;
using DbUp.Engine;
using GrainSensors.Storage.Migrations;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Migrates a database: the numbered migrations, then the view for the readers of the old table, then the partitions. One
/// process at a time does so; the next one finds the work done.
/// </summary>
internal sealed partial class PostgresSchema(
    NpgsqlDataSource dataSource, PostgresSessions sessions, PostgresPartitions partitions, PostgresMaintenance maintenance, string store,
    ILogger logger)
{
    private readonly TemperaturesView _view = new(dataSource, store);
    private readonly PostgresUpgrade _upgrade = new(dataSource, partitions, store, logger);

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await CheckAsync(cancellationToken);
        await using var held = await AdvisoryLock.TakeAsync(dataSource, AdvisoryLock.Maintenance, cancellationToken);
        await CheckJournalAsync(cancellationToken);
        await _upgrade.CheckAsync(cancellationToken);

        // DbUp has no asynchronous API.
        await Task.Run(async () => Migrate(await EngineAsync(cancellationToken)), cancellationToken);
        await RecordOldestProgramsAsync(cancellationToken);
        if (await _view.FindStepAsync(cancellationToken) is { } step)
        {
            await _view.ApplyAsync(step, cancellationToken);
            LogStep(logger, string.Join(' ', step.Sentences));
        }

        // After the view, which must not use the old table any more.
        await _upgrade.MoveAsync(cancellationToken);
        try
        {
            await maintenance.EnsurePartitionsAsync(cancellationToken);
        }
        catch (PostgresException e) when (LockTimeoutRetry.IsLockFailure(e))
        {
            // The store can be used without them: rows go to the default partition, and maintenance moves them later.
            LogPartitionsFailed(logger, e.MessageText);
        }
    }

    public async Task<IReadOnlyList<string>> PlanAsync(CancellationToken cancellationToken)
    {
        await CheckAsync(cancellationToken);
        await CheckJournalAsync(cancellationToken);
        var engine = await EngineAsync(cancellationToken);
        var plan = (await Task.Run(engine.GetScriptsToExecute, cancellationToken)).ConvertAll(MigrationScripts.Describe);
        if (await _view.FindStepAsync(cancellationToken) is { } step)
        {
            plan.AddRange(step.Sentences);
        }

        if (await _upgrade.IsPendingAsync(cancellationToken))
        {
            plan.Add("Move the windows of version 0.1 to the table windows, with a row for all measurements of a window.");
        }

        foreach (var missing in (await maintenance.MissingAsync(cancellationToken)).GroupBy(partition => partition.Period))
        {
            plan.Add(
                $"Create {missing.Count()} daily partitions of the {missing.Key} windows, from {missing.First().Day:yyyy-MM-dd} to "
                + $"{missing.Last().Day:yyyy-MM-dd}.");
        }

        return plan;
    }

    /// <summary>Checks the settings of the server, and finds out how its connections can be used.</summary>
    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (process, limit) = await PostgresSettings.CheckAsync(connection, store, cancellationToken);
        var isPooled = sessions.Inspect(connection, process);
        var poolSize = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).MaxPoolSize;
        if (!isPooled && limit < poolSize)
        {
            LogFewConnections(logger, store, limit, poolSize);
        }
    }

    /// <exception cref="WindowStoreUnavailableException">The database has run a migration that requires a newer program.</exception>
    public async Task CheckJournalAsync(CancellationToken cancellationToken)
    {
        await using var table = dataSource.CreateCommand($"SELECT to_regclass('{MigrationScripts.Journal}') IS NOT NULL");
        if (await table.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return;
        }

        // As JSON, because a database of an older program has no such column.
        await using var command = dataSource.CreateCommand(
            $"""
            SELECT scriptname, to_jsonb(j) ->> '{MigrationJournal.OldestProgramColumn}'
            FROM {MigrationScripts.Journal} AS j
            ORDER BY scriptname
            """);
        var ran = new List<(string, string?)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ran.Add((reader.GetString(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1)));
        }

        MigrationJournal.Check(store, ran, MigrationScripts.Of("postgres"));
    }

    private async Task RecordOldestProgramsAsync(CancellationToken cancellationToken)
    {
        var scripts = MigrationScripts.Of("postgres").ToArray();
        await using var command = dataSource.CreateCommand(
            $"""
            UPDATE {MigrationScripts.Journal} AS j
            SET {MigrationJournal.OldestProgramColumn} = k.oldest
            FROM unnest($1, $2) AS k (name, oldest)
            WHERE j.scriptname = k.name AND j.{MigrationJournal.OldestProgramColumn} IS NULL
            """);
        command.Parameters
            .AddArray(NpgsqlDbType.Text, Array.ConvertAll(scripts, script => script.Name))
            .AddArray(NpgsqlDbType.Text, Array.ConvertAll(scripts, MigrationJournal.OldestProgram));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private void Migrate(UpgradeEngine engine)
    {
        var result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new WindowStoreUnavailableException(
                $"The window store {store} could not be migrated by {result.ErrorScript?.Name ?? "its first step"}: "
                + $"{PostgresErrors.OneLine((result.Error as PostgresException)?.MessageText ?? result.Error.Message)}.",
                result.Error)
            {
                // The role of a silo; the owner can.
                NeedsMigration = result.Error is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege },
            };
        }

        foreach (var script in result.Scripts)
        {
            LogMigrated(logger, script.Name);
        }
    }

    private async Task<UpgradeEngine> EngineAsync(CancellationToken cancellationToken)
    {
        // Without an explicit schema DbUp could use the journal of another schema of the database.
        await using var command = dataSource.CreateCommand("SELECT current_schema()");
        var schema = await command.ExecuteScalarAsync(cancellationToken) as string
            ?? throw new WindowStoreUnavailableException(
                $"The window store {store} has no schema in its search_path; create one, or name an existing one.");
        return DeployChanges.To
            .PostgresqlDatabase(new DataSourceConnections(dataSource))
            .WithScripts(MigrationScripts.Of("postgres"))
            .JournalToPostgresqlTable(schema, MigrationScripts.Journal)
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();
    }

    [LoggerMessage(2010, LogLevel.Information, "Ran the migration {Name}")]
    private static partial void LogMigrated(ILogger logger, string name);

    [LoggerMessage(2012, LogLevel.Warning, "Creating the daily partitions of the windows failed; maintenance will retry: {Reason}")]
    private static partial void LogPartitionsFailed(ILogger logger, string reason);

    [LoggerMessage(
        2014,
        LogLevel.Warning,
        "{Store} allows {Limit} connections to this role, and this process opens up to {PoolSize}; allow more, or set a lower "
        + "Maximum Pool Size in the connection string")]
    private static partial void LogFewConnections(ILogger logger, string store, int limit, int poolSize);

    [LoggerMessage(2011, LogLevel.Information, "Updated the view: {Steps}")]
    private static partial void LogStep(ILogger logger, string steps);
}
