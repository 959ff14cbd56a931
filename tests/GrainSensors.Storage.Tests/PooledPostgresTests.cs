using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>The contract of a window store behind pgbouncer in transaction mode.</summary>
[Trait("Category", "System")]
public sealed class PooledPostgresTests(PostgresServer server) : WindowStoreTests
{
    /// <summary>One for the owner of the lock of migrations, and one for all else.</summary>
    private const int PoolSize = 2;

    private NpgsqlDataSource? _direct;
    private Pgbouncer? _pooler;

    private NpgsqlDataSource Direct => _direct!;

    private Pgbouncer Pooler => _pooler!;

    public override async ValueTask InitializeAsync()
    {
        _direct = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        _pooler = await Pgbouncer.StartAsync(_direct.ConnectionString, PoolSize);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Pooler.DisposeAsync();
        await Direct.DisposeAsync();
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(";Max Auto Prepare=0", false)]
    [InlineData(";Max Auto Prepare=10", true)]
    [InlineData(";Pooling=false", false)]
    public async Task Statements_are_prepared_on_direct_connections_only(string setting, bool preparesDirectly)
    {
        await using var direct = new PostgresWindowStore(PostgresWindowStore.CreateDataSource(Direct.ConnectionString + setting), Options);
        Assert.False(direct.PreparesStatements);
        await direct.PrepareAsync(Stop);
        Assert.Equal(preparesDirectly, direct.PreparesStatements);

        await using var pooled = new PostgresWindowStore(PostgresWindowStore.CreateDataSource(Pooler.ConnectionString + setting), Options);
        await pooled.PrepareAsync(Stop);
        Assert.False(pooled.PreparesStatements);
    }

    [Fact]
    public async Task More_silos_than_connections_can_prepare_an_empty_database_at_once()
    {
        var name = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()).Database!;
        var stores = Enumerable.Range(0, 8)
            .Select(_ => new PostgresWindowStore(new NpgsqlConnectionStringBuilder(Pooler.ConnectionString) { Database = name }.ToString()))
            .ToList();
        await Task.WhenAll(stores.Select(store => store.PrepareAsync(Stop))).WaitAsync(TimeSpan.FromMinutes(1), Stop);
        Assert.Empty(await stores[0].PlanAsync(Stop));
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Many_writers_share_few_sessions_and_write_every_row_once()
    {
        await using var other = new PostgresWindowStore(Pooler.ConnectionString, Options, Clock);
        await other.PrepareAsync(Stop);
        IStore[] silos = [Store, other];
        await Task.WhenAll(Enumerable.Range(0, 400).Select(async sensor =>
        {
            for (var token = 1; token <= 10; token++)
            {
                Assert.Equal(
                    WriteOutcome.Written,
                    await silos[(sensor + token) % 2].WriteAsync(Row(sensor, token: token), token == 1 ? null : token - 1));
                Assert.Equal(token, Assert.Single(await silos[sensor % 2].ReadAsync(Row(sensor))).RowVersion);
            }
        }));
        Assert.Equal(400, (await Store.QueryAsync()).Count(row => row.RowVersion == 10));
        Assert.Equal("0", Assert.Single(await SelectAsync(
            "SELECT count(*)::text FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()"))[0]);
    }

    [Fact]
    public async Task Sessions_that_the_pooler_opened_while_the_database_was_read_only_do_not_stay_so()
    {
        var database = new NpgsqlConnectionStringBuilder(Direct.ConnectionString).Database!;
        await Direct.SelectAsync($"ALTER DATABASE {database} SET default_transaction_read_only = on");
        await Direct.SelectAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await Until.Async(
            async () => await FailureAsync() is { } failure && failure.Contains("read-only", StringComparison.Ordinal),
            () => "the database takes writes",
            TimeSpan.FromSeconds(30));

        await Direct.SelectAsync($"ALTER DATABASE {database} RESET default_transaction_read_only");

        string? failure = null;
        await Until.Async(
            async () => (failure = await FailureAsync()) is null, () => $"still failing: {failure}", TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(PostgresErrorCodes.InvalidSqlStatementName)]
    [InlineData(PostgresErrorCodes.DuplicatePreparedStatement)]
    public async Task A_pooler_that_comes_between_later_ends_the_preparing(string sqlState)
    {
        await using var source = PostgresWindowStore.CreateDataSource(Direct.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Stop);
        var sessions = new PostgresSessions(source);
        sessions.Inspect(connection, connection.ProcessID);
        Assert.True(sessions.Prepares);
        sessions.Failed(new PostgresException("prepared statement", "ERROR", "ERROR", PostgresErrorCodes.UniqueViolation));
        Assert.True(sessions.Prepares);
        sessions.Failed(new PostgresException("prepared statement", "ERROR", "ERROR", sqlState));
        Assert.False(sessions.Prepares);
    }

    /// <returns>Why a row cannot be written; null: it was.</returns>
    private async Task<string?> FailureAsync()
    {
        try
        {
            await Store.WriteAsync(Row());
            return null;
        }
        catch (WindowStoreUnavailableException e)
        {
            return e.Message;
        }
    }

    protected override Task<IStore> OpenAsync() =>
        Task.FromResult<IStore>(new PostgresWindowStore(Pooler.ConnectionString, Options, Clock));

    protected override Task<List<object?[]>> SelectAsync(string sql) => Direct.SelectAsync(sql);
}
