using System.Reflection;
using System.Text.RegularExpressions;
using GrainSensors.Storage.Windows;
using Npgsql;
using Orleans.Runtime.MembershipService;
using Orleans.Storage;

namespace GrainSensors.EndToEnd.Tests.Orleans;

/// <summary>A migrated database has what the AdoNet providers look for, and what someone else put there for them stays.</summary>
[Trait("Category", "System")]
public sealed class OrleansMigrationTests(PostgresServer server) : IAsyncLifetime
{
    private NpgsqlDataSource? _database;

    private NpgsqlDataSource Database => _database!;

    public async ValueTask InitializeAsync() => _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    [Fact]
    public async Task Every_key_that_the_providers_look_up_has_a_statement_and_no_other()
    {
        await MigratedDatabase.MigrateAsync(Database);
        string[] clustering = KeysOf(typeof(AdoNetClusteringTable).Assembly, "Orleans.Clustering.AdoNet.Storage.DbStoredQueries");
        string[] reminders = KeysOf(Assembly.Load("Orleans.Reminders.AdoNet"), "Orleans.Reminders.AdoNet.Storage.DbStoredQueries");
        var queries = Regex.Matches(AdoNetGrainStorage.DefaultInitializationQuery, "'(\\w+)'");
        string[] storage = [.. queries.Select(match => match.Groups[1].Value)];
        Assert.Equal((9, 7, 4), (clustering.Length, reminders.Length, storage.Length));

        // Looked up by name, where there is one.
        const string Optional = "CleanupDefunctSiloEntryKey";
        Assert.Equal([.. clustering.Concat(reminders).Concat(storage).Append(Optional).Order(StringComparer.Ordinal)], await KeysAsync());
    }

    [Fact]
    public async Task Migrating_twice_and_from_several_places_at_once_is_migrating_once()
    {
        var store = $"postgres:{Database.ConnectionString}";
        var commands = Enumerable.Range(0, 2).Select(_ => Executable.RunAsync("migrate", "--store", store)).ToList();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => MigratedDatabase.MigrateAsync(Database)));
        Assert.All(await Task.WhenAll(commands), result => Assert.True(result.ExitCode == 0, result.ToString()));
        await MigratedDatabase.MigrateAsync(Database);
        Assert.Equal(21, (await KeysAsync()).Count);
        Assert.Contains("is up to date.", (await Command.RunAsync("migrate", "--store", store)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plan_names_the_scripts_before_and_nothing_after()
    {
        var plan = await MigratedDatabase.PlanAsync(Database);
        Assert.Equal(
            [
                "Run the migration 0002_orleans_clustering.sql.",
                "Run the migration 0003_orleans_storage.sql.",
                "Run the migration 0004_orleans_reminders.sql.",
            ],
            plan.Where(step => step.Contains("orleans", StringComparison.Ordinal)));
        Assert.Empty(await Database.SelectAsync("SELECT FROM pg_class WHERE relname LIKE 'orleans%'"));
        await MigratedDatabase.MigrateAsync(Database);
        Assert.Empty(await MigratedDatabase.PlanAsync(Database));
    }

    [Fact]
    public async Task Someone_elses_statements_for_a_part_stay_and_the_other_parts_are_added()
    {
        await Database.ExecuteAsync(Foreign);
        await MigratedDatabase.MigrateAsync(Database);
        Assert.Empty(await MigratedDatabase.PlanAsync(Database));
        Assert.Equal(
            [["GatewaysQueryKey", "SELECT theirs"], ["ReadFromStorageKey", "SELECT theirs, too"]],
            await Database.SelectAsync("SELECT querykey, querytext FROM orleansquery WHERE querytext LIKE '%theirs%' ORDER BY querykey"));
        Assert.Equal(9, (await KeysAsync()).Count);
        Assert.Equal([["one", 42]], await Database.SelectAsync("SELECT deploymentid, version FROM orleansmembershipversiontable"));
        Assert.Equal([[1, "kept"]], await Database.SelectAsync("SELECT grainidhash, serviceid FROM orleansstorage"));
    }

    [Fact]
    public async Task A_schema_of_its_own_gets_statements_of_its_own()
    {
        await Database.ExecuteAsync($"{Foreign}; CREATE SCHEMA own");
        var settings = new NpgsqlConnectionStringBuilder(Database.ConnectionString) { SearchPath = "own, public" };
        await using var own = NpgsqlDataSource.Create(settings);
        await MigratedDatabase.MigrateAsync(own);
        Assert.Equal(21L, Assert.Single(await own.SelectAsync("SELECT count(*) FROM orleansquery"))[0]);
        Assert.Equal(2, (await KeysAsync()).Count);
        var table = await MembershipTables.OpenAsync(own);
        Assert.True(await table.InsertAsync(MembershipTables.Member(1)));
    }

    [Theory]
    [InlineData("CREATE TABLE orleansquery (id integer)")]
    [InlineData("CREATE VIEW orleansquery AS SELECT 1 AS querykey")]
    [InlineData("CREATE TABLE orleansquery (\"QueryKey\" text, querytext text)")]
    public async Task Something_else_of_that_name_stops_the_migration_with_the_cure(string sql)
    {
        await Database.ExecuteAsync(sql);
        var e = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => MigratedDatabase.MigrateAsync(Database));
        Assert.EndsWith(
            "could not be migrated by 0002_orleans_clustering.sql: public.orleansquery is not the table of Orleans' statements; "
            + "rename it, or put a schema of its own first in search_path.",
            e.Message,
            StringComparison.Ordinal);
    }

    /// <summary>The names that Orleans' own scripts give, with statements for some keys only, as old versions of them have.</summary>
    private const string Foreign =
        """
        CREATE TABLE orleansquery (querykey varchar(64) PRIMARY KEY, querytext varchar(8000) NOT NULL);
        INSERT INTO orleansquery VALUES ('GatewaysQueryKey', 'SELECT theirs'), ('ReadFromStorageKey', 'SELECT theirs, too');
        CREATE TABLE orleansmembershipversiontable (deploymentid varchar(150) PRIMARY KEY, version integer);
        CREATE TABLE orleansmembershiptable (deploymentid varchar(150), address varchar(45));
        CREATE TABLE orleansstorage (grainidhash integer, serviceid varchar(150));
        CREATE TABLE orleansreminderstable (serviceid varchar(150));
        CREATE FUNCTION writetostorage() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        INSERT INTO orleansmembershipversiontable VALUES ('one', 42);
        INSERT INTO orleansstorage VALUES (1, 'kept')
        """;

    private async Task<List<string>> KeysAsync() =>
        (await Database.SelectAsync("SELECT querykey::text FROM public.orleansquery ORDER BY querykey COLLATE \"C\""))
        .ConvertAll(row => (string)row[0]!);

    /// <summary>As the provider finds them itself.</summary>
    private static string[] KeysOf(Assembly assembly, string type) =>
    [
        .. assembly.GetType(type, throwOnError: true)!
            .GetProperties(BindingFlags.Instance | BindingFlags.NonPublic)
            .Select(property => property.Name),
    ];
}
