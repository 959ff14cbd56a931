using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GrainSensors.Ingest.Embedded;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Errors of a silo that cannot start.</summary>
[Trait("Category", "System")]
public sealed class SiloCommandTests(PostgresServer postgres) : IDisposable
{
    private static readonly string[] FreePorts = ["--silo-port", "0", "--gateway-port", "0", "--http-port", "0"];
    private readonly EmbeddedBroker _broker = new(["sensor-data", "sensor-data-dlq", "log-data"], partitions: 2);

    [Fact]
    public async Task Without_a_Kafka_it_names_the_option()
    {
        var result = await Command.RunAsync("silo", "--postgres", "Host=localhost;Database=x");

        result.AssertCouldNotRun("--kafka");
    }

    [Fact]
    public async Task Without_a_PostgreSQL_it_names_the_key()
    {
        var result = await RunAsync(postgres: null);

        result.AssertCouldNotRun("GrainSensors:Postgres:ConnectionString");
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_named()
    {
        var database = await postgres.CreateDatabaseAsync();
        var result = await Executable.RunAsync(["silo", "--kafka", "127.0.0.1:1", "--postgres", database, .. FreePorts]);

        result.AssertCouldNotRun("127.0.0.1:1");
    }

    [Fact]
    public async Task A_signal_while_it_waits_for_the_broker_ends_it_in_order()
    {
        var environment = new Dictionary<string, string>
        {
            ["GrainSensors__Postgres__ConnectionString"] = await postgres.CreateDatabaseAsync(),
        };
        using var broker = new TcpListener(IPAddress.Loopback, 0);
        broker.Start();
        await using var silo = Executable.StartWith(environment, ["silo", "--kafka", $"{broker.LocalEndpoint}", .. FreePorts]);
        using var connection = await broker.AcceptTcpClientAsync(TestContext.Current.CancellationToken);

        await silo.SignalAsync("TERM");

        var result = await silo.ExitAsync();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("Stopped before the start was complete.", result.Output.Trim());
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named()
    {
        var connection = await postgres.CreateDatabaseAsync();
        var result = await RunAsync(connection.Replace("Database=test", "Database=nosuch", StringComparison.Ordinal));

        result.AssertCouldNotRun("nosuch");
        Assert.DoesNotContain("topsecret", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_named_and_not_shown()
    {
        // The server trusts its main role without a password. This role needs one.
        await using var guarded = new PostgresServer();
        var connection = await guarded.CreateDatabaseAsync();
        await guarded.RequirePasswordAsync("somebody");

        var result = await RunAsync(connection.Replace("Username=postgres", "Username=somebody", StringComparison.Ordinal));

        result.AssertCouldNotRun("password authentication failed for user \"somebody\"");
        Assert.DoesNotContain("topsecret", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--silo-port", "GrainSensors:Silo:SiloPort")]
    [InlineData("--gateway-port", "GrainSensors:Silo:GatewayPort")]
    [InlineData("--http-port", "GrainSensors:Http:Port")]
    public async Task A_port_in_use_is_named_with_its_key(string option, string key)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var result = await RunAsync(await postgres.CreateDatabaseAsync(), option, port);

        result.AssertCouldNotRun(key);
        Assert.Contains(port, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_refused()
    {
        var result = await RunAsync(await postgres.CreateDatabaseAsync(), "--address", "192.0.2.1");

        result.AssertCouldNotRun("192.0.2.1");
    }

    [Fact]
    public async Task A_database_that_fails_while_it_joins_is_named()
    {
        var connection = await postgres.CreateDatabaseAsync();
        Assert.Equal(0, (await Command.RunAsync("migrate", "--store", $"postgres:{connection}")).ExitCode);
        await using var dataSource = NpgsqlDataSource.Create(connection);
        await using var breakage = dataSource.CreateCommand("DROP TABLE orleansquery CASCADE");
        await breakage.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var result = await RunAsync(connection);

        Assert.Equal(2, result.ExitCode);
        var last = result.Error.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("This silo could not join the cluster in postgres:", last, StringComparison.Ordinal);
        Assert.Contains("\"orleansquery\" does not exist", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _broker.Dispose();

    private Task<Executable.Result> RunAsync(string? postgres, params string[] options)
    {
        var given = FreePorts.Chunk(2).Where(pair => !options.Contains(pair[0])).SelectMany(pair => pair);
        string[] database = postgres is null ? [] : ["--postgres", postgres];
        return Executable.RunAsync(["silo", "--kafka", _broker.BootstrapServers, .. database, .. options, .. given]);
    }
}
