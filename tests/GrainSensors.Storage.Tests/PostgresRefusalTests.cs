using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>What a database refuses, and what the store refuses in a database.</summary>
[Trait("Category", "System")]
public sealed class PostgresRefusalTests(PostgresServer server)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("LATIN1")]
    [InlineData("SQL_ASCII")]
    public async Task A_database_whose_encoding_cannot_store_every_text_is_refused(string encoding)
    {
        await using var store = new PostgresWindowStore(
            await server.CreateDatabaseAsync($"ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"));
        foreach (Func<Task> call in new Func<Task>[] { () => store.PrepareAsync(Stop), () => store.PlanAsync(Stop) })
        {
            var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(call);
            Assert.Contains($"has the encoding {encoding}", e.Message, StringComparison.Ordinal);
            IsOneSentenceWithoutSecrets(e.Message);
        }
    }

    [Fact]
    public async Task Sessions_that_were_opened_while_the_database_was_read_only_are_not_used_afterwards()
    {
        var address = await server.CreateDatabaseAsync();
        await using var administrator = NpgsqlDataSource.Create(address);
        await using var source = PostgresWindowStore.CreateDataSource(address);
        await using var store = new PostgresWindowStore(source, new() { Retention = TimeSpan.FromDays(2) });
        await store.PrepareAsync(Stop);
        await store.WriteAsync(Row(1));
        await SetReadOnlyAsync("on");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.ReadOpenAsync(Stop)));
        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.WriteAsync(Row(2)));
        Assert.Contains("SQLSTATE 25006", e.Message, StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.ProbeAsync(Stop));
        Assert.EndsWith("is read-only.", e.Message, StringComparison.Ordinal);

        await using var command = administrator.CreateCommand($"ALTER DATABASE {Name()} SET default_transaction_read_only = off");
        await command.ExecuteNonQueryAsync(Stop);
        await store.ProbeAsync(Stop);
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync(Row(2)));

        // Orleans uses the same pool.
        await using var connection = await source.OpenConnectionAsync(Stop);
        await using var readOnly = new NpgsqlCommand("SHOW transaction_read_only", connection);
        Assert.Equal("off", await readOnly.ExecuteScalarAsync(Stop));

        async Task SetReadOnlyAsync(string value)
        {
            await administrator.ExecuteAsync($"ALTER DATABASE {Name()} SET default_transaction_read_only = {value}");
            await administrator.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

            // Sessions that PostgreSQL has ended fail once each.
            await Until.Async(
                async () => await store.ReadOpenAsync(Stop).ContinueWith(read => read.IsCompletedSuccessfully, TaskScheduler.Default),
                () => "the store does not read",
                TimeSpan.FromSeconds(30));
        }

        string Name() => new NpgsqlConnectionStringBuilder(address).Database!;
    }

    [Fact]
    public async Task A_role_with_too_few_connections_is_told_how_many_it_has()
    {
        var address = await server.CreateDatabaseAsync();
        await using var administrator = NpgsqlDataSource.Create(address);
        await administrator.ExecuteAsync("CREATE ROLE few LOGIN CONNECTION LIMIT 4");
        await administrator.ExecuteAsync("GRANT ALL ON SCHEMA public TO few");
        var few = new NpgsqlConnectionStringBuilder(address) { Username = "few" }.ConnectionString;
        using var log = new RecordedLogs();
        await using var source = PostgresWindowStore.CreateDataSource(few);
        await using var store = new PostgresWindowStore(source, new() { Retention = TimeSpan.FromDays(2) }, null, log);
        await store.PrepareAsync(Stop);
        Assert.Contains(
            log.Log.Lines,
            line => line.Contains("allows 4 connections to this role, and this process opens up to 20", StringComparison.Ordinal));

        var held = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => source.OpenConnectionAsync(Stop).AsTask()));
        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.ReadOpenAsync(Stop));
        Assert.Contains("SQLSTATE 53300", e.Message, StringComparison.Ordinal);
        Assert.Contains("Maximum Pool Size", e.Message, StringComparison.Ordinal);
        IsOneSentenceWithoutSecrets(e.Message);
        foreach (var connection in held)
        {
            await connection.DisposeAsync();
        }
    }

    private sealed class RecordedLogs : ILoggerFactory
    {
        public RecordedLog<PostgresWindowStore> Log { get; } = new();

        public ILogger CreateLogger(string categoryName) => Log;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
