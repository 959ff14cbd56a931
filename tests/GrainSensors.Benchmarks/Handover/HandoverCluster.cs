using System.Net;
using GrainSensors.Benchmarks.Servers;
using Npgsql;

namespace GrainSensors.Benchmarks.Handover;

/// <summary>A broker and silos, each a process, and a database of their own.</summary>
internal sealed class HandoverCluster : IAsyncDisposable
{
    private const int Partitions = 6;
    private const string SessionTimeout = "00:00:03";

    private readonly List<SiloLog> _silos = [];
    private readonly BrokerProcess _broker;
    private readonly ScratchDatabase _database;
    private readonly Dictionary<string, string> _settings;
    private readonly string? _logs;

    private HandoverCluster(ScratchDatabase database, BrokerProcess broker, string? logs)
    {
        (_database, _broker, _logs) = (database, broker, logs);
        DataSource = NpgsqlDataSource.Create(database.ConnectionString);
        _settings = new()
        {
            ["GrainSensors__Postgres__ConnectionString"] = database.ConnectionString,
            ["GrainSensors__Kafka__BootstrapServers"] = BootstrapServers,
            ["GrainSensors__Kafka__SessionTimeout"] = SessionTimeout,
            ["GrainSensors__Silo__SiloPort"] = "0",
            ["GrainSensors__Silo__GatewayPort"] = "0",
            ["GrainSensors__Http__Port"] = "0",
        };
    }

    public string BootstrapServers => _broker.BootstrapServers;

    public NpgsqlDataSource DataSource { get; }

    public string Description =>
        $"{Partitions} partitions, {_database.Description}. The embedded broker takes 2 s for every rebalance "
        + "(the session of 3 s less one), where Kafka only waits for its members.";

    /// <param name="logs">A directory for what the silos say; null: nowhere.</param>
    public static async Task<HandoverCluster> StartAsync(string? postgres, string? logs, CancellationToken cancellationToken)
    {
        var database = await ScratchDatabase.CreateAsync(postgres);
        return new(database, await BrokerProcess.StartAsync(Partitions, cancellationToken), logs);
    }

    /// <summary>Starts a silo and does not wait for it.</summary>
    public SiloLog BeginSilo()
    {
        var silo = new SiloLog(SiloProcess.Start(_settings));
        _silos.Add(silo);
        return silo;
    }

    public async Task<SiloLog> StartSiloAsync(CancellationToken cancellationToken)
    {
        var silo = BeginSilo();
        await Patiently.UntilAsync(
            async () => await silo.Process.HealthAsync("ready") == HttpStatusCode.OK,
            $"it is not ready: {silo.Process}",
            cancellationToken);
        return silo;
    }

    /// <param name="silo">One that has ended.</param>
    public async Task RemoveAsync(SiloLog silo)
    {
        _silos.Remove(silo);
        await KeepAsync(silo);
        await silo.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos.ToList())
        {
            await RemoveAsync(silo);
        }

        await _broker.DisposeAsync();
        await DataSource.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task KeepAsync(SiloLog silo) => _logs is null
        ? Task.CompletedTask
        : File.WriteAllLinesAsync(
            Path.Combine(Directory.CreateDirectory(_logs).FullName, $"silo-{silo.Process.Process.ProcessId}.log"),
            silo.Process.Process.Errors);
}
