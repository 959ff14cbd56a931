using DbUp;
using DbUp.Engine;
using GrainSensors.Storage.Migrations;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Brings a database up to date: the numbered migrations, then the view for the readers of the old table, then the
/// partitions. One process at a time; those that come second find nothing left to do.
/// </summary>
internal sealed partial class PostgresSchema(NpgsqlDataSource dataSource, PostgresMaintenance maintenance, string store, ILogger logger)
{
    private readonly TemperaturesView _view = new(dataSource, store);

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            await PostgresSettings.CheckAsync(connection, store, cancellationToken);
        }

        await using var held = await MaintenanceLock.TakeAsync(dataSource, cancellationToken);
        // DbUp knows no asynchronous way.
        await Task.Run(async () => Migrate(await EngineAsync(cancellationToken)), cancellationToken);
        if (await _view.FindStepAsync(cancellationToken) is { } step)
        {
            await _view.ApplyAsync(step, cancellationToken);
            LogStep(logger, string.Join(' ', step.Sentences));
        }

        try
        {
            await maintenance.EnsurePartitionsAsync(cancellationToken);
        }
        catch (PostgresException e) when (LockTimeoutRetry.IsLostRace(e))
        {
            // No reason not to start: what has no partition yet goes to the default one, and moves when it gets its own.
            LogNoPartitions(logger, e.MessageText);
        }
    }

    public async Task<IReadOnlyList<string>> PlanAsync(CancellationToken cancellationToken)
    {
        var engine = await EngineAsync(cancellationToken);
        var plan = (await Task.Run(engine.GetScriptsToExecute, cancellationToken)).ConvertAll(MigrationScripts.Describe);
        if (await _view.FindStepAsync(cancellationToken) is { } step)
        {
            plan.AddRange(step.Sentences);
        }

        if (await maintenance.MissingDaysAsync(cancellationToken) is { Count: > 0 } days)
        {
            plan.Add($"Create {days.Count} daily partitions of sensor_windows, from {days[0]:yyyy-MM-dd} to {days[^1]:yyyy-MM-dd}.");
        }

        return plan;
    }

    private void Migrate(UpgradeEngine engine)
    {
        var result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new WindowStoreUnavailableException(
                $"The window store {store} could not be migrated by {result.ErrorScript?.Name ?? "its first step"}: "
                + $"{PostgresErrors.OneLine((result.Error as PostgresException)?.MessageText ?? result.Error.Message)}.",
                result.Error);
        }

        foreach (var script in result.Scripts)
        {
            LogMigrated(logger, script.Name);
        }
    }

    private async Task<UpgradeEngine> EngineAsync(CancellationToken cancellationToken)
    {
        // Named, or DbUp would take the journal of another schema of the database for ours.
        await using var command = dataSource.CreateCommand("SELECT current_schema()");
        var schema = await command.ExecuteScalarAsync(cancellationToken) as string
            ?? throw new WindowStoreUnavailableException(
                $"The window store {store} has no schema to create tables in; name one that exists in search_path.");
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

    [LoggerMessage(2012, LogLevel.Warning, "The daily partitions of sensor_windows were not created, maintenance will try again: {Reason}")]
    private static partial void LogNoPartitions(ILogger logger, string reason);

    [LoggerMessage(2011, LogLevel.Information, "Done: {Sentences}")]
    private static partial void LogStep(ILogger logger, string sentences);
}
