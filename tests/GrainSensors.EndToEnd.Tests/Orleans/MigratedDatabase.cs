using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>A database as <c>grainsensors migrate</c> leaves it.</summary>
internal static class MigratedDatabase
{
    public const string Invariant = "Npgsql";

    public static async Task<NpgsqlDataSource> CreateAsync(PostgresServer server)
    {
        var database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await MigrateAsync(database);
        return database;
    }

    public static async Task MigrateAsync(NpgsqlDataSource database)
    {
        await using var store = new PostgresWindowStore(database, new() { Retention = TimeSpan.FromDays(2) });
        await store.PrepareAsync(TestContext.Current.CancellationToken);
    }

    public static async Task<IReadOnlyList<string>> PlanAsync(NpgsqlDataSource database)
    {
        await using var store = new PostgresWindowStore(database, new() { Retention = TimeSpan.FromDays(2) });
        return await store.PlanAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until the statistics tell of as many updates of the table.</summary>
    /// <returns>The share of them that stayed on their page.</returns>
    public static async Task<double> HotShareAsync(this NpgsqlDataSource database, string table, long updates)
    {
        object?[] counts = [];
        await Until.Async(
            () => (long)(counts = LookAsync().GetAwaiter().GetResult())[0]! >= updates,
            () => $"{counts[0]} updates of {table}",
            TimeSpan.FromSeconds(30));
        return (double)(long)counts[1]! / (long)counts[0]!;

        async Task<object?[]> LookAsync() => Assert.Single(await database.SelectAsync(
            $"SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = '{table}'"));
    }
}
