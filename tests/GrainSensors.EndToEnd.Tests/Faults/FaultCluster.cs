using System.Net;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>
/// Silos that are processes, over a PostgreSQL and a Kafka of their own, and what is needed to hurt them. Where the broker
/// is the embedded one it runs in this process, where faults can be injected into it.
/// </summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    public const int Partitions = 6;

    /// <summary>The exit code of a silo that was declared dead.</summary>
    private const int Evicted = 5;

    public static readonly Period Period = Period.FromSeconds(3);

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private readonly Dictionary<string, string> _settings;
    private readonly List<SiloProcess> _silos = [];

    private FaultCluster(
        PostgresServer postgres,
        Pgbouncer? pooler,
        TestKafka kafka,
        string connectionString,
        IReadOnlyDictionary<string, string> settings)
    {
        Postgres = postgres;
        Pooler = pooler;
        Kafka = kafka;
        ConnectionString = connectionString;
        DataSource = NpgsqlDataSource.Create(connectionString);
        _settings = new()
        {
            ["GrainSensors__Postgres__ConnectionString"] = pooler?.ConnectionString ?? connectionString,
            ["GrainSensors__Kafka__BootstrapServers"] = kafka.BootstrapServers,
            ["GrainSensors__Kafka__Topic"] = kafka.Options.Topic,
            ["GrainSensors__Kafka__DeadLetterTopic"] = kafka.Options.DeadLetterTopic,
            ["GrainSensors__Kafka__LogTopic"] = kafka.Options.LogTopic,
            ["GrainSensors__Kafka__WindowTopic"] = kafka.Options.WindowTopic,
            ["GrainSensors__Kafka__IngestRecordTopic"] = kafka.Options.IngestRecordTopic,
            ["GrainSensors__Kafka__GroupId"] = kafka.Options.GroupId,
            ["GrainSensors__Kafka__SessionTimeout"] = kafka.Options.SessionTimeout.ToString(),
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

    /// <summary>What, besides the short session that <see cref="TestKafka"/> gives, makes faults follow each other quickly.</summary>
    public static IReadOnlyDictionary<string, string> Quick { get; } = new Dictionary<string, string>
    {
        ["CheckpointInterval"] = "00:00:01",
    };

    /// <summary>The time-outs of those who set none.</summary>
    public static IReadOnlyDictionary<string, string> Shipped { get; } = new Dictionary<string, string>
    {
        ["Kafka__SessionTimeout"] = new KafkaOptions().SessionTimeout.ToString(),
    };

    public PostgresServer Postgres { get; }

    /// <summary>Follows <see cref="Postgres"/> while it is started, and is not started yet; null: there is none.</summary>
    public PostgresServer? Standby { get; private init; }

    /// <summary>Between the silos and the server; null: they connect directly.</summary>
    public Pgbouncer? Pooler { get; }

    public TestKafka Kafka { get; }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>What the silos are told, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    /// <summary>Silos that were declared dead and started again.</summary>
    public int Evictions { get; private set; }

    /// <summary>Those that have not been removed, dead or alive.</summary>
    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <returns>Silos whose database has a standby.</returns>
    public static async Task<FaultCluster> StartWithStandbyAsync(int silos, IReadOnlyDictionary<string, string> settings)
    {
        var postgres = new PostgresServer();
        var address = await postgres.CreateDatabaseAsync();
        var standby = await postgres.CreateStandbyAsync();
        return await BeginAsync(
            silos,
            new(postgres, null, await TestKafka.StartAsync(Partitions), postgres.WithStandby(address, standby), settings)
            {
                Standby = standby,
            });
    }

    /// <param name="settings">Further ones of the silos.</param>
    /// <param name="kafka">Which the cluster disposes of; null: a new one.</param>
    /// <param name="poolSize">The connections of a pooler between the silos and the server; 0: no pooler.</param>
    public static async Task<FaultCluster> StartAsync(
        int silos, IReadOnlyDictionary<string, string> settings, TestKafka? kafka = null, int poolSize = 0)
    {
        var postgres = new PostgresServer();
        var address = await postgres.CreateDatabaseAsync();
        var pooler = poolSize > 0 ? await Pgbouncer.StartAsync(address, poolSize) : null;
        return await BeginAsync(silos, new(postgres, pooler, kafka ?? await TestKafka.StartAsync(Partitions), address, settings));
    }

    /// <summary>Starts silos together.</summary>
    /// <returns>When all are ready, those that ran before too.</returns>
    public Task BeginAsync(int silos)
    {
        for (var i = 0; i < silos; i++)
        {
            Begin();
        }

        return Until.Async(
            async () =>
            {
                await SuperviseAsync();
                return Array.TrueForAll(
                    await Task.WhenAll(_silos.Select(silo => silo.HealthAsync("ready"))), health => health == HttpStatusCode.OK);
            },
            ToString,
            StartPatience);
    }

    /// <summary>Starts a silo and does not wait for it.</summary>
    /// <param name="without">The beginning of settings that it does not get.</param>
    /// <param name="with">Settings that the others do not have.</param>
    public SiloProcess Begin(string? without = null, IReadOnlyDictionary<string, string>? with = null)
    {
        var common = _settings.Where(setting => without is null || !setting.Key.StartsWith(without, StringComparison.Ordinal));
        var silo = SiloProcess.Start(common.Concat(with ?? new Dictionary<string, string>()).ToDictionary());
        _silos.Add(silo);
        return silo;
    }

    public async Task RemoveAsync(SiloProcess silo)
    {
        _silos.Remove(silo);
        await silo.DisposeAsync();
    }

    /// <summary>
    /// Starts silos again that have ended because the cluster had declared them dead, as whoever runs silos does. On a busy
    /// machine that befalls innocent ones.
    /// </summary>
    public async Task SuperviseAsync()
    {
        foreach (var silo in _silos.Where(silo => silo.Process.HasExited).ToList())
        {
            var end = await silo.Process.ExitAsync();
            Assert.True(end.ExitCode == Evicted, end.ToString());
            Assert.Contains("start the silo again", end.Error, StringComparison.Ordinal);
            await RemoveAsync(silo);
            Begin();
            Evictions++;
        }
    }

    /// <summary>kill -9, of all at once.</summary>
    public async Task KillAllAsync()
    {
        await Task.WhenAll(_silos.Select(silo => silo.KillAsync()));
        await RemoveAllAsync();
    }

    /// <summary>SIGTERM, to all at once; they end well.</summary>
    public async Task TerminateAllAsync()
    {
        Assert.All(await Task.WhenAll(_silos.Select(silo => silo.TerminateAsync())), end => Assert.True(end.ExitCode == 0, end.ToString()));
        await RemoveAllAsync();
    }

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

    /// <param name="places">The places of sensors that have names.</param>
    /// <returns>Their window rows, by their places.</returns>
    public async Task<Dictionary<WindowKey, WindowRow>> RowsAsync(IReadOnlyDictionary<string, int> places)
    {
        var numbers = new Dictionary<int, int>();
        await using (var command = DataSource.CreateCommand("SELECT number, name FROM sensor_names"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                numbers.Add(reader.GetInt32(0), places[reader.GetString(1)]);
            }
        }

        var rows = await RowsAsync([.. numbers.Keys]);
        return rows.ToDictionary(row => row.Key with { SensorId = numbers[row.Key.SensorId] }, row => row.Value);
    }

    public override string ToString() => string.Join('\n', _silos);

    public async ValueTask DisposeAsync()
    {
        await RemoveAllAsync();
        await DataSource.DisposeAsync();
        await Kafka.DisposeAsync();
        await (Pooler?.DisposeAsync() ?? default);
        await (Standby?.DisposeAsync() ?? default);
        await Postgres.DisposeAsync();
    }

    private static async Task<FaultCluster> BeginAsync(int silos, FaultCluster cluster)
    {
        try
        {
            await cluster.BeginAsync(silos);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private async Task RemoveAllAsync()
    {
        foreach (var silo in _silos.ToList())
        {
            await RemoveAsync(silo);
        }
    }
}
