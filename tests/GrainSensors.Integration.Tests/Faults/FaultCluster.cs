using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.Integration.Tests.Faults;

/// <summary>
/// Silos that are processes, over a PostgreSQL and a Kafka of their own, and what is needed to hurt them. The embedded
/// broker runs in this process, where faults can be injected into it.
/// </summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    public const int Partitions = 6;

    public static readonly Period Period = Period.FromSeconds(3);

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private readonly Dictionary<string, string> _settings;
    private readonly List<SiloProcess> _silos = [];

    private FaultCluster(PostgresServer postgres, EmbeddedBroker broker, string connectionString, IReadOnlyDictionary<string, string> settings)
    {
        Postgres = postgres;
        Broker = broker;
        ConnectionString = connectionString;
        DataSource = NpgsqlDataSource.Create(connectionString);
        _settings = new()
        {
            ["GrainSensors__Postgres__ConnectionString"] = connectionString,
            ["GrainSensors__Kafka__BootstrapServers"] = broker.BootstrapServers,
            ["GrainSensors__Silo__SiloPort"] = "0",
            ["GrainSensors__Silo__GatewayPort"] = "0",
            ["GrainSensors__Http__Port"] = "0",
            ["GrainSensors__Period"] = Period.ToString(),
            ["GrainSensors__Grace"] = "00:00:01",
            ["GrainSensors__IdleTimeout"] = "00:00:03",
        };
        foreach (var (key, value) in settings)
        {
            _settings[$"GrainSensors__{key}"] = value;
        }
    }

    /// <summary>
    /// What makes faults follow each other quickly: the embedded broker lets every rebalance take a second less than the
    /// session, where Kafka only waits for its members.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Quick { get; } = new Dictionary<string, string>
    {
        ["Kafka__SessionTimeout"] = "00:00:03",
        ["Silo__ProbeInterval"] = "00:00:01",
        ["CheckpointInterval"] = "00:00:01",
    };

    public PostgresServer Postgres { get; }

    public EmbeddedBroker Broker { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>Those that have not been removed, dead or alive.</summary>
    public IReadOnlyList<SiloProcess> Silos => _silos;

    public static async Task<FaultCluster> StartAsync(int silos, IReadOnlyDictionary<string, string> settings)
    {
        var postgres = new PostgresServer();
        var broker = new EmbeddedBroker(["sensor-data", "sensor-data-dlq", "log-data"], Partitions);
        var cluster = new FaultCluster(postgres, broker, await postgres.CreateDatabaseAsync(), settings);
        var started = Enumerable.Range(0, silos).Select(_ => cluster.Begin()).ToList();
        foreach (var silo in started)
        {
            await UntilReadyAsync(silo);
        }

        return cluster;
    }

    /// <summary>Starts a silo and does not wait for it.</summary>
    public SiloProcess Begin()
    {
        var silo = SiloProcess.Start(_settings);
        _silos.Add(silo);
        return silo;
    }

    public async Task RemoveAsync(SiloProcess silo)
    {
        _silos.Remove(silo);
        await silo.DisposeAsync();
    }

    public static Task UntilReadyAsync(SiloProcess silo) => Until.Async(
        async () => await silo.HealthAsync("ready") == System.Net.HttpStatusCode.OK, silo.ToString, StartPatience);

    /// <returns>All window rows of the sensors.</returns>
    public async Task<Dictionary<WindowKey, WindowRow>> RowsAsync(IReadOnlyList<int> sensors)
    {
        await using var store = new PostgresWindowStore(DataSource);
        var rows = new Dictionary<WindowKey, WindowRow>();
        await foreach (var row in store.QueryAsync(new(EpochTime.Min, EpochTime.Max, sensors), CancellationToken.None))
        {
            rows.Add(row.Key, row);
        }

        return rows;
    }

    public override string ToString() => string.Join('\n', _silos);

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        await DataSource.DisposeAsync();
        Broker.Dispose();
        await Postgres.DisposeAsync();
    }
}
