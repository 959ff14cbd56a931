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

namespace GrainSensors.Storage.Sqlite;

/// <summary>A window store in one SQLite file, for a single process without a database server.</summary>
/// <remarks>
/// One connection writes and one reads for the grains, each on its own thread; a query opens a third. The first write, or
/// <see cref="PrepareAsync"/>, locks the file for this process. Other processes can still read it.
/// </remarks>
public sealed partial class SqliteWindowStore : IStore
{
    private readonly SqliteFile _file;
    private readonly RetentionPolicy _policy;
    private readonly SqliteSchema _schema;
    private readonly ILogger _logger;
    private readonly SqliteAccess _access;
    private readonly WindowWriter _writer;
    private readonly WindowReader _reader;
    private readonly SensorNames _names;

    /// <param name="path">The path of the file; <see cref="PrepareAsync"/> creates it and its directory.</param>
    /// <param name="clock">The clock for <c>updated_at</c> and for the retention.</param>
    public SqliteWindowStore(
        string path, WindowStoreOptions? options = null, TimeProvider? clock = null, ILoggerFactory? loggerFactory = null)
    {
        options ??= new();
        options.Validate();
        clock ??= TimeProvider.System;
        _file = new(path);
        _policy = new(options, clock);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<SqliteWindowStore>();
        _schema = new(Description, _logger);
        var longer = new KnownLongerPeriods(options.Longer);
        _access = new(_file, clock, longer);
        Alerts = new SqliteAlerts(_access, clock);
        MonitorStates = new SqliteMonitorStates(_access, clock);
        Silences = new SqliteSilences(_access, clock);
        SensorReports = new SqliteSensorReports(_access);
        Sensors = new SqliteSensors(_access, clock);
        _names = new(
            new SqliteSensorNames(_access, clock, () => ReadLifeAsync(CancellationToken.None)),
            Description,
            () => Life,
            new() { Limits = options.Names, Clock = clock });
        MeasurementNames = new SqliteMeasurementNames(_access, clock);
        MessageVersions = new SqliteMessageVersions(_access);
        Reconciliation = new SqliteReconciliation(_access);
        MergedWindows = new SqliteMergedWindows(_access, options, longer, clock);
        Backfill = new SqliteBackfill(_access, clock);
        MqttSlots = new SqliteMqttSlots(_access, clock);
        IdempotencyKeys = new SqliteIdempotencyKeys(_access, clock);
        Contacts = new(
            new SqliteContactPoints(_access, clock), new SqliteRoutes(_access), new SqliteAlertGroups(_access, clock),
            new SqliteNotifications(_access, clock));
        Rules = new SqliteRules(_access);
        Access = new(
            new SqliteLogIns(_access, clock), new SqliteAccessKeys(_access), new SqliteDeviceKeys(_access), new SqliteAudit(_access),
            new SqliteProtectionKeys(_access, clock));
        GrainStates = new(_access, clock);
        _writer = new(1, batch => WriteAsync(session => session.Write(batch), CancellationToken.None));
        _reader = new(windows => ReadAsync(session => session.Read(windows), CancellationToken.None));
    }

    public string Description => _file.Store;

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

    public WriteTotals Written => _writer.Totals;

    /// <summary>The states of grains. With PostgreSQL, Orleans' AdoNet provider stores them instead.</summary>
    public SqliteGrainStates GrainStates { get; }

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(
            session =>
            {
                _schema.Prepare(session.Connection);
                return true;
            },
            cancellationToken);
        await MergedWindows.ReadPeriodsAsync(cancellationToken);
        await ReadLifeAsync(cancellationToken);
    }

    public Task<IReadOnlyList<string>> PlanAsync(CancellationToken cancellationToken) => GuardAsync(
        () => Task.Run(
            () =>
            {
                using var connection = _file.Exists ? _file.OpenForReading() : null;
                return _schema.Plan(connection);
            },
            cancellationToken),
        cancellationToken);

    public Task CheckAsync(CancellationToken cancellationToken) => GuardAsync(
        () => Task.Run(
            () =>
            {
                _file.RequireSameFile();
                using var connection = _file.OpenForReading();
                _schema.Check(connection);
                return true;
            },
            cancellationToken),
        cancellationToken);

    public Task ProbeAsync(CancellationToken cancellationToken) => ReadAsync(
        session =>
        {
            _file.RequireSameFile();
            return session.ReadCheckpoint(new(Guid.Empty, 0));
        },
        cancellationToken);

    public async Task<MaintenanceReport> MaintainAsync(CancellationToken cancellationToken)
    {
        var rows = 0L;
        var cutoffs = await WriteAsync(
            session => _policy.Periods.Where(period => _policy.CutoffOf(period) is not null).ToDictionary(
                period => period, period => SqlitePeriods.BeginRemoval(session.Connection, period, _policy.CutoffOf(period)!.Value)),
            cancellationToken);
        foreach (var table in SqliteRetention.Tables)
        {
            int chunk;
            do
            {
                // Each chunk is a separate call, so that commits can run in between.
                chunk = await WriteAsync(
                    session => SqliteRetention.DeleteChunk(session.Connection, table, _policy, cutoffs), cancellationToken);
                rows += chunk;
            }
            while (chunk == SqliteRetention.ChunkRows);
        }

        var checkpoints = 0;
        if (_policy.Cutoff is { } cutoff)
        {
            await WriteAsync(session => SqliteRetention.DeleteLatest(session.Connection, cutoff), cancellationToken);
            checkpoints = await WriteAsync(session => SqliteRetention.DeleteCheckpoints(session.Connection, cutoff), cancellationToken);
        }

        if (rows > 0 || checkpoints > 0)
        {
            LogDeleted(_logger, rows, checkpoints);
        }

        return new([], [], rows, checkpoints);
    }

    public Task<IReadOnlyList<StoredWindow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken) =>
        _reader.ReadAsync(windows, cancellationToken);

    public Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken) =>
        _writer.WriteAsync(writes, cancellationToken);

    public Guid Life { get; private set; }

    /// <remarks>A file has one life: a process that writes it has locked it, and cannot see another.</remarks>
    public async Task<Guid> ReadLifeAsync(CancellationToken cancellationToken) =>
        Life != Guid.Empty ? Life : Life = await ReadAsync(session => session.ReadLife(), cancellationToken);

    public Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken) =>
        ReadAsync(session => session.ReadOpen(), cancellationToken);

    public async Task<Checkpoint?> ReadCheckpointAsync(SourceId source, CancellationToken cancellationToken)
    {
        await ReadLifeAsync(cancellationToken);
        return await ReadAsync(session => session.ReadCheckpoint(source), cancellationToken);
    }

    public Task<bool> WriteCheckpointAsync(Checkpoint checkpoint, CancellationToken cancellationToken) =>
        WriteAsync(session => session.WriteCheckpoint(checkpoint), cancellationToken);

    public Task<IReadOnlyList<Refusal>> ReadRefusalsAsync(SourceId source, CancellationToken cancellationToken) =>
        ReadAsync(session => SqliteRefusals.Read(session.Connection, source), cancellationToken);

    public Task<bool> WriteRefusalsAsync(
        SourceId source, IReadOnlyList<Refusal> refusals, IReadOnlyList<long> tokens, Guid life, CancellationToken cancellationToken) =>
        WriteAsync(session => SqliteRefusals.Write(session.Connection, source, refusals, tokens, life), cancellationToken);

    public Task SetPeriodAsync(Period period, CancellationToken cancellationToken) =>
        WriteAsync(session => SqlitePeriods.Set(session.Connection, period), cancellationToken);

    public async IAsyncEnumerable<WindowRow> QueryAsync(
        WindowQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var rows = SqliteQuery.RunAsync(_file, query, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GuardAsync(() => rows.MoveNextAsync().AsTask(), cancellationToken))
        {
            yield return rows.Current;
        }
    }

    public Task<IReadOnlyList<PooledWindow>> PoolAsync(PoolQuery query, CancellationToken cancellationToken) =>
        GuardAsync(() => Task.Run(() => SqliteQuery.Pool(_file, query), cancellationToken), cancellationToken);

    public Task<IReadOnlySet<int>> FindReportedAsync(
        IReadOnlyCollection<int> sensorIds, long before, CancellationToken cancellationToken) =>
        ReadAsync(session => SqliteQuery.FindReported(session.Connection, sensorIds, before), cancellationToken);

    public Task<IReadOnlyList<LatestReading>> ReadLatestAsync(
        IReadOnlyList<string> measurements, CancellationToken cancellationToken) =>
        ReadAsync(session => SqliteLatestReadings.Read(session.Connection, measurements), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_writer.DrainAsync(), _reader.DrainAsync(), _names.DrainAsync());
        await _access.DisposeAsync();
    }

    private Task<T> WriteAsync<T>(Func<SqliteWriteSession, T> work, CancellationToken cancellationToken) =>
        _access.WriteAsync(work, cancellationToken);

    private Task<T> ReadAsync<T>(Func<SqliteReadSession, T> work, CancellationToken cancellationToken) =>
        _access.ReadAsync(work, cancellationToken);

    private Task<T> GuardAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken) =>
        _access.GuardAsync(action, cancellationToken);

    [LoggerMessage(2102, LogLevel.Information, "Deleted {Rows} window rows and {Checkpoints} checkpoints that are past retention")]
    private static partial void LogDeleted(ILogger logger, long rows, long checkpoints);
}
