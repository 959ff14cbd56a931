using System.Runtime.CompilerServices;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Access;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Batching;
using GrainSensors.Storage.Contacts;
using GrainSensors.Storage.Idempotency;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Mqtt;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Rules;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Versions;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>A window store in PostgreSQL, shared by any number of silos.</summary>
/// <remarks>
/// The row versions decide between writers, so several processes can write at once. Two commits and one batch of reads run
/// concurrently; other calls open their own connection.
/// </remarks>
public sealed class PostgresWindowStore : IStore
{
    /// <summary>Concurrent commits: while one waits for the disk, the rows of the other are sent and inserted.</summary>
    private const int CommitsAtOnce = 2;

    private const int MaxConnections = 20;

    private const int ProbeTimeoutSeconds = 3;

    private readonly NpgsqlDataSource _dataSource;
    private readonly bool _ownsDataSource;
    private readonly PostgresSessions _sessions;
    private readonly PostgresWindowReads _reads;
    private readonly PostgresLife _life = new();
    private readonly PostgresCheckpoints _checkpoints;
    private readonly PostgresRefusals _refusals;
    private readonly PostgresPeriods _periods;
    private readonly PostgresSchema _schema;
    private readonly PostgresMaintenance _maintenance;
    private readonly WindowWriter _writer;
    private readonly WindowReader _reader;
    private readonly SensorNames _names;

    /// <param name="connectionString">The connection string in keyword form: <c>Host=…;Database=…</c>.</param>
    /// <param name="clock">The clock for <c>updated_at</c> and for the retention.</param>
    public PostgresWindowStore(
        string connectionString, WindowStoreOptions? options = null, TimeProvider? clock = null, ILoggerFactory? loggerFactory = null)
        : this(CreateDataSource(connectionString), options, clock, loggerFactory)
    {
        _ownsDataSource = true;
    }

    /// <param name="dataSource">A shared data source; the store does not dispose it.</param>
    /// <param name="clock">The clock for <c>updated_at</c> and for the retention.</param>
    public PostgresWindowStore(
        NpgsqlDataSource dataSource, WindowStoreOptions? options = null, TimeProvider? clock = null, ILoggerFactory? loggerFactory = null)
    {
        options ??= new();
        options.Validate();
        clock ??= TimeProvider.System;
        var logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<PostgresWindowStore>();
        _dataSource = dataSource;
        Description = Describe(dataSource.ConnectionString);
        var partitions = new PostgresPartitions(dataSource);
        var policy = new RetentionPolicy(options, clock);
        var longer = new KnownLongerPeriods(options.Longer);
        _sessions = new(dataSource);
        var writes = new PostgresWindowWrites(dataSource, _sessions, _life, new(partitions, policy, logger), longer, clock);
        _reads = new(dataSource, _sessions, _life);
        _checkpoints = new(dataSource, _life, clock);
        _refusals = new(dataSource, _life);
        _periods = new(dataSource, partitions, options, longer, clock);
        _maintenance = new(dataSource, partitions, _periods, policy, logger);
        _schema = new(dataSource, _sessions, partitions, _maintenance, Description, logger);
        Sensors = new PostgresSensors(dataSource, Description);
        Alerts = new PostgresAlerts(dataSource, Sensors, Description);
        MonitorStates = new PostgresMonitorStates(dataSource, _life, Description);
        Silences = new PostgresSilences(dataSource, Description, clock);
        SensorReports = new PostgresSensorReports(dataSource, Description);
        _names = new(
            new PostgresSensorNames(dataSource, _life, Description),
            Description,
            () => Life,
            new() { Limits = options.Names, Clock = clock });
        MeasurementNames = new PostgresMeasurementNames(dataSource, Description);
        MessageVersions = new PostgresMessageVersions(dataSource, Description);
        Reconciliation = new PostgresReconciliation(dataSource, Description, longer, clock);
        MergedWindows = new PostgresMergedWindows(dataSource, _sessions, _periods, longer, Description, clock);
        Backfill = new PostgresBackfill(dataSource, partitions, _periods, Description, clock);
        MqttSlots = new PostgresMqttSlots(dataSource, Description);
        IdempotencyKeys = new PostgresIdempotencyKeys(dataSource, Description);
        Contacts = PostgresContacts.Of(dataSource, Description, clock);
        Rules = new PostgresRules(dataSource, Description);
        Access = new(
            new PostgresLogIns(dataSource, Description), new PostgresAccessKeys(dataSource, Description),
            new PostgresDeviceKeys(dataSource, Description), new PostgresAudit(dataSource, Description),
            new PostgresProtectionKeys(dataSource, Description));
        _writer = new(CommitsAtOnce, batch => GuardAsync(() => writes.WriteAsync(batch), CancellationToken.None));
        _reader = new(windows => GuardAsync(() => _reads.ReadAsync(windows), CancellationToken.None));
    }

    public string Description { get; }

    /// <summary>The data source, which other users of the database may share.</summary>
    public NpgsqlDataSource DataSource => _dataSource;

    public IAlertStore Alerts { get; }

    public IMonitorStates MonitorStates { get; }

    public ISilenceStore Silences { get; }

    public ISensorReports SensorReports { get; }

    public ISensorRegistry Sensors { get; }

    public ISensorNames Names => _names;

    public IMeasurementNames MeasurementNames { get; }

    public IMessageVersions MessageVersions { get; }

    public IReconciliationStore Reconciliation { get; }

    public IMergedWindowStore MergedWindows { get; }

    public IBackfillStore Backfill { get; }

    public IMqttSlots MqttSlots { get; }

    public IIdempotencyKeys IdempotencyKeys { get; }

    public ContactStores Contacts { get; }

    public IRuleStore Rules { get; }

    public AccessStores Access { get; }

    /// <summary>Whether the store prepares its batches. It does not behind a pooler, or with <c>Max Auto Prepare=0</c>.</summary>
    internal bool PreparesStatements => _sessions.Prepares;

    public WriteTotals Written => _writer.Totals;

    public Guid Life => _life.Id;

    public Task<Guid> ReadLifeAsync(CancellationToken cancellationToken) =>
        GuardAsync(() => _life.ReadAsync(_dataSource, null, cancellationToken), cancellationToken);

    public Task PrepareAsync(CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await _schema.PrepareAsync(cancellationToken);
            await _periods.ReadAsync(cancellationToken);
            await _life.ReadAsync(_dataSource, null, cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<string>> PlanAsync(CancellationToken cancellationToken) =>
        GuardAsync(() => _schema.PlanAsync(cancellationToken), cancellationToken);

    public Task CheckAsync(CancellationToken cancellationToken) =>
        GuardAsync(() => _schema.CheckJournalAsync(cancellationToken), cancellationToken);

    /// <returns>True if the database has the membership statements of Orleans, so that silos can form a cluster.</returns>
    public Task<bool> HasClusterAsync(CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            // Two statements, because PostgreSQL cannot plan a statement with a missing table.
            await using var table = _dataSource.CreateCommand("SELECT to_regclass('orleansquery') IS NOT NULL");
            if (await table.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return false;
            }

            await using var statement = _dataSource.CreateCommand(
                "SELECT EXISTS (SELECT FROM orleansquery WHERE querykey = 'MembershipReadAllKey')");
            return await statement.ExecuteScalarAsync(cancellationToken) is true;
        },
        cancellationToken);

    public Task ProbeAsync(CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await using var command = _dataSource.CreateCommand(
                "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean");
            command.CommandTimeout = ProbeTimeoutSeconds;
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                _dataSource.Clear();
                throw new WindowStoreUnavailableException($"The window store {Description} is read-only.");
            }

            await _life.ReadAsync(_dataSource, ProbeTimeoutSeconds, cancellationToken);
        },
        cancellationToken);

    public Task<MaintenanceReport> MaintainAsync(CancellationToken cancellationToken) =>
        GuardAsync(() => _maintenance.RunAsync(cancellationToken), cancellationToken);

    public Task<IReadOnlyList<StoredWindow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken) =>
        _reader.ReadAsync(windows, cancellationToken);

    public Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken) =>
        _writer.WriteAsync(writes, cancellationToken);

    public Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken) =>
        GuardAsync(() => _reads.ReadOpenAsync(cancellationToken), cancellationToken);

    public Task<Checkpoint?> ReadCheckpointAsync(SourceId source, CancellationToken cancellationToken) =>
        GuardAsync(() => _checkpoints.ReadAsync(source, cancellationToken), cancellationToken);

    public Task<bool> WriteCheckpointAsync(Checkpoint checkpoint, CancellationToken cancellationToken) =>
        GuardAsync(() => _checkpoints.WriteAsync(checkpoint, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<Refusal>> ReadRefusalsAsync(SourceId source, CancellationToken cancellationToken) =>
        GuardAsync(() => _refusals.ReadAsync(source, cancellationToken), cancellationToken);

    public Task<bool> WriteRefusalsAsync(
        SourceId source, IReadOnlyList<Refusal> refusals, IReadOnlyList<long> tokens, Guid life, CancellationToken cancellationToken) =>
        GuardAsync(() => _refusals.WriteAsync(source, refusals, tokens, life, cancellationToken), cancellationToken);

    public Task SetPeriodAsync(Period period, CancellationToken cancellationToken) =>
        GuardAsync(() => _periods.SetAsync(period, cancellationToken), cancellationToken);

    public async IAsyncEnumerable<WindowRow> QueryAsync(WindowQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var rows = _reads.QueryAsync(query, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GuardAsync(() => rows.MoveNextAsync().AsTask(), cancellationToken))
        {
            yield return rows.Current;
        }
    }

    public Task<IReadOnlyList<PooledWindow>> PoolAsync(PoolQuery query, CancellationToken cancellationToken) =>
        GuardAsync(() => _reads.PoolAsync(query, cancellationToken), cancellationToken);

    public Task<IReadOnlySet<int>> FindReportedAsync(
        IReadOnlyCollection<int> sensorIds, long before, CancellationToken cancellationToken) =>
        GuardAsync(() => _reads.FindReportedAsync(sensorIds, before, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<LatestReading>> ReadLatestAsync(
        IReadOnlyList<string> measurements, CancellationToken cancellationToken) =>
        GuardAsync(() => PostgresLatestReadings.ReadAsync(_dataSource, measurements, cancellationToken), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_writer.DrainAsync(), _reader.DrainAsync(), _names.DrainAsync());
        if (_ownsDataSource)
        {
            await _dataSource.DisposeAsync();
        }
    }

    /// <summary>Creates a data source with the defaults of the store for settings that the connection string leaves out.</summary>
    /// <param name="connectionString">The connection string in keyword form.</param>
    public static NpgsqlDataSource CreateDataSource(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.ApplicationName ??= "GrainSensors";
        if (!PostgresSessions.Gives(settings, "Maximum Pool Size"))
        {
            // A server accepts 100 connections by default, which several silos share.
            settings.MaxPoolSize = MaxConnections;
        }

        if (!PostgresSessions.Gives(settings, "No Reset On Close"))
        {
            // No statement of this application leaves a state in its session, and behind a pooler the reset goes to any session.
            settings.NoResetOnClose = true;
        }

        // Metrics show this name of the pool; by default they show the connection string without the password.
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "windows" }.Build();
    }

    private static string Describe(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return $"postgres:{settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}";
    }

    private Task<bool> GuardAsync(Func<Task> action, CancellationToken cancellationToken) =>
        GuardAsync(
            async () =>
            {
                await action();
                return true;
            },
            cancellationToken);

    private Task<T> GuardAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(Description, action, cancellationToken, _sessions.Failed);
}
