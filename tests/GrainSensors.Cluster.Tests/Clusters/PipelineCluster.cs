using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Windows;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Producing;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.TestingHost;

namespace GrainSensors.Cluster.Tests.Clusters;

/// <summary>Silos that ingest from one Kafka, the embedded broker unless a real one is given, into one SQLite store.</summary>
internal sealed class PipelineCluster : IAsyncDisposable
{
    public static readonly Period Period = Period.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("grainsensors-cluster-").FullName;
    private readonly Func<IngestOptions, IngestOptions> _configure;
    private readonly IDeadLetterSink? _deadLetters;
    private readonly TimeProvider _clock;
    private readonly TestKafka _kafka;
    private readonly DiscoveryRules _discovery;
    private readonly SourceTopics _sources;
    private readonly MeasurementSet _measurements;

    private PipelineCluster(
        TestKafka kafka,
        short silos,
        Func<IngestOptions, IngestOptions> configure,
        IDeadLetterSink? deadLetters,
        TimeProvider clock,
        WindowStoreOptions? stores,
        DiscoveryRules? discovery,
        IReadOnlyList<SourceOptions> sources,
        MeasurementSet? measurements)
    {
        _measurements = measurements ?? MeasurementSet.Default;
        _clock = clock;
        _kafka = kafka;
        _configure = configure;
        _deadLetters = deadLetters;
        _discovery = discovery ?? DiscoveryRules.None;
        _sources = new(sources);
        Store = new SqliteWindowStore(Path.Combine(_folder, "windows.db"), stores);
        Shared = new(Store);
        var clients = new KafkaClients(Kafka, NullLogger<KafkaClients>.Instance);
        Producer = new(clients, new(clients, TimeProvider.System), TimeProvider.System, TimeSpan.FromMilliseconds(2));
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseInMemoryReminderService();
            silo.AddMemoryGrainStorage(MonitorGrain.Storage);
            Configure(silo.Services);
        });
        Cluster = builder.Build();
    }

    public InProcessTestCluster Cluster { get; }

    /// <summary>For faults; see <see cref="TestKafka.SkipUnlessEmbedded"/>.</summary>
    public EmbeddedBroker Broker => _kafka.Embedded;

    public KafkaOptions Kafka => _kafka.Options;

    public SqliteWindowStore Store { get; }

    /// <summary>The store as the silos see it.</summary>
    public SharedStore Shared { get; }

    /// <summary>Whether every silo knows sensors with names.</summary>
    public bool LaterFormIsKnown { get; set; } = true;

    public ReadingProducer Producer { get; }

    public IEnumerable<IngestService> Ingests => Cluster.Silos.Select(silo => silo.ServiceProvider.GetRequiredService<IngestService>());

    /// <param name="deadLetters">In place of the dead-letter topic.</param>
    /// <param name="kafka">A broker that is the test's own.</param>
    /// <param name="clock">The clock of the silos.</param>
    /// <param name="stores">The options of the store.</param>
    /// <param name="discovery">Null: only declared measurements count.</param>
    /// <param name="sources">Further topics, with payloads of other forms.</param>
    /// <param name="measurements">Null: the default ones.</param>
    /// <param name="before">What happens before the first silo starts.</param>
    public static async Task<PipelineCluster> StartAsync(
        short silos,
        Func<IngestOptions, IngestOptions>? configure = null,
        IDeadLetterSink? deadLetters = null,
        Func<PipelineCluster, Task>? before = null,
        TestKafka? kafka = null,
        TimeProvider? clock = null,
        WindowStoreOptions? stores = null,
        DiscoveryRules? discovery = null,
        IReadOnlyList<SourceOptions>? sources = null,
        MeasurementSet? measurements = null)
    {
        var cluster = new PipelineCluster(
            kafka ?? await TestKafka.StartAsync(partitions: 4, new SourceTopics(sources ?? []).Names), silos,
            configure ?? (options => options), deadLetters, clock ?? TimeProvider.System, stores, discovery, sources ?? [],
            measurements);
        await cluster.Store.PrepareAsync(CancellationToken.None);
        await (before?.Invoke(cluster) ?? Task.CompletedTask);
        await cluster.Cluster.DeployAsync();
        return cluster;
    }

    /// <summary>Every partition has an owner that works it off.</summary>
    public Task UntilAssignedAsync() => Until.Async(
        () => Ingests.SelectMany(ingest => ingest.GetStatus().Partitions).Count(partition => partition.IsReady)
            == 4 * (1 + _sources.Names.Count),
        () => string.Join(" | ", Ingests.Select(ingest => string.Join(", ", ingest.GetStatus().Partitions))),
        TimeSpan.FromSeconds(60));

    /// <summary>Everything that was produced is durable, and no window is open any more.</summary>
    public async Task FinishAsync()
    {
        await Producer.FlushAsync(CancellationToken.None);
        await Until.Async(
            () => Producer.LastOffsets.All(last => Ingests.SelectMany(ingest => ingest.GetStatus().Partitions)
                .Any(partition => partition.IsContract && partition.Partition == last.Key && partition.Checkpointed > last.Value)),
            () => $"produced {string.Join(", ", Producer.LastOffsets)}; "
                + string.Join(" | ", Ingests.Select(ingest => string.Join(", ", ingest.GetStatus().Partitions))),
            TimeSpan.FromSeconds(90));
        await Task.WhenAll(Ingests.Select(ingest => ingest.CloseAllAsync())).WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <returns>All window rows of the store.</returns>
    public async Task<Dictionary<WindowKey, WindowRow>> RowsAsync()
    {
        var rows = new Dictionary<WindowKey, WindowRow>();
        await foreach (var row in Store.QueryAsync(new(EpochTime.Min, EpochTime.Max), CancellationToken.None))
        {
            rows.Add(row.Key, row);
        }

        return rows;
    }

    /// <summary>Gives a name a number, as another program does.</summary>
    public async Task AddNameAsync(string name, int number)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "windows.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO sensor_names (number, name, created_at) VALUES ($number, $name, 0)";
        command.Parameters.AddWithValue("$number", number);
        command.Parameters.AddWithValue("$name", name);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await Producer.DisposeAsync();
        await Store.DisposeAsync();
        await _kafka.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Configure(IServiceCollection services)
    {
        services.AddSingleton(_clock);
        services.AddSingleton(_measurements);
        services.AddSingleton(_discovery);
        services.AddSingleton<IWindowStore>(Shared);
        services.AddSingleton(Options.Create(Kafka));
        services.AddSingleton(Options.Create(new ReadingOptions()));
        var options = _configure(new()
        {
            Period = Period,
            IdleTimeout = Timeout.InfiniteTimeSpan,
            CheckpointInterval = TimeSpan.FromMilliseconds(300),
        });
        services.AddSingleton(Options.Create(options));
        if (_deadLetters is not null)
        {
            services.AddSingleton(_deadLetters);
        }

        services.AddSingleton(Store.Alerts);
        services.AddSingleton(Store.Rules);
        services.AddSingleton(Store.MonitorStates);
        services.AddSingleton(Store.Sensors);
        services.AddSingleton(Store.Names);
        services.AddSingleton(Store.MeasurementNames);
        services.AddSingleton(Store.MessageVersions);
        services.AddSingleton<LaterFormIsKnown>(() => LaterFormIsKnown);
        services.AddMonitoring(new(AlertRules.Default(_measurements), MonitorRules.DefaultStartupGrace));
        services.AddWindows();
        services.AddSingleton(_sources);
        services.AddIngest();
    }
}
