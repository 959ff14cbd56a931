using GrainSensors.Benchmarks.Metering;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Contracts.Cluster;
using Npgsql;

namespace GrainSensors.Benchmarks.Product;

/// <summary>The product on a log: silos as they are shipped, each a process, with window rows, checkpoints and commits.</summary>
internal sealed class ProductRun : IAsyncDisposable
{
    private readonly ClusterClient _client;
    private readonly Dictionary<string, string> _settings;
    private readonly bool _hasSource;
    private readonly List<SiloProcess> _silos = [];
    private readonly List<string> _meters = [];

    private ProductRun(Dictionary<string, string> settings, ClusterClient client, NpgsqlDataSource database, bool hasSource) =>
        (_settings, _client, Database, _hasSource) = (settings, client, database, hasSource);

    public NpgsqlDataSource Database { get; }

    /// <summary>Of the first silo.</summary>
    public Uri Page => new(_silos[0].Page!);

    public ClusterClient Client => _client;

    /// <summary>Silos that share the partitions of the topic and have nothing to do yet.</summary>
    /// <param name="settings">More of them, as environment variables.</param>
    public static async Task<ProductRun> StartAsync(
        int silos,
        ReadingTopic topic,
        string connectionString,
        IReadOnlyDictionary<string, string> settings,
        CancellationToken cancellationToken)
    {
        // The last value counts.
        var all = new Dictionary<string, string>(topic.Settings.Concat(settings).GroupBy(pair => pair.Key).Select(same => same.Last()))
        {
            ["GrainSensors__Postgres__ConnectionString"] = connectionString,
            ["GrainSensors__Silo__SiloPort"] = "0",
            ["GrainSensors__Silo__GatewayPort"] = "0",
            ["GrainSensors__Http__Port"] = "0",
            ["DOTNET_STARTUP_HOOKS"] = typeof(Meter).Assembly.Location,
        };
        var database = NpgsqlDataSource.Create(connectionString);
        var run = new ProductRun(all, new(database), database, all["GrainSensors__Kafka__Topic"] != topic.Name);
        try
        {
            for (var i = 0; i < silos; i++)
            {
                run.BeginSilo();
            }

            foreach (var silo in run._silos)
            {
                await Patiently.UntilAsync(
                    () => silo.Page is not null || silo.Process.HasExited, $"a silo has not started: {silo}", cancellationToken);
            }

            run.ThrowIfEnded();
            await run._client.ConnectAsync(cancellationToken);
            await Patiently.UntilAsync(
                () => run.IsSharedAsync(topic.Partitions), "the silos do not share the partitions", cancellationToken);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a further silo and does not wait for it.</summary>
    public void BeginSilo()
    {
        var meter = Path.GetTempFileName();
        _meters.Add(meter);
        _silos.Add(SiloProcess.Start(new Dictionary<string, string>(_settings) { [Meter.FileVariable] = meter }));
    }

    /// <summary>kill -9 of the silo that started first.</summary>
    public async Task KillFirstAsync()
    {
        await _silos[0].KillAsync();
        await _silos[0].DisposeAsync();
        _silos.RemoveAt(0);
    }

    /// <exception cref="InvalidOperationException">A silo is no more that nobody has told to go.</exception>
    public void ThrowIfEnded()
    {
        if (_silos.Find(silo => silo.Process.HasExited) is { } ended)
        {
            throw new InvalidOperationException($"A silo has ended: {ended}");
        }
    }

    /// <summary>How the partitions stand that have an owner, each at it.</summary>
    public async Task<IReadOnlyList<PartitionReport>> PartitionsAsync() =>
        [.. (await _client.ReportsAsync()).SelectMany(report => report.Partitions).Where(IsFed)];

    /// <returns>How many readings are durable, and when the last of it became so, µs since the epoch.</returns>
    public async Task<(long Readings, long At)> CheckpointedAsync(CancellationToken cancellationToken)
    {
        await using var command = Database.CreateCommand("SELECT sum(next_offset)::bigint, max(updated_at) FROM checkpoints");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), (long)(reader.GetDateTime(1) - DateTime.UnixEpoch).TotalMicroseconds);
    }

    /// <returns>The readings that the rows hold.</returns>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = Database.CreateCommand(
            "SELECT coalesce(sum(sample_count), 0)::bigint FROM sensor_windows WHERE metric = 'temperature'");
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>SIGTERM to all, and their ends.</summary>
    public Task TerminateAsync() => Task.WhenAll(_silos.Select(silo => silo.TerminateAsync()));

    public Usage Usage(long from, long to) => Metering.Usage.Between(_meters, from, to);

    /// <summary>What the first silo holds on to.</summary>
    public Task<LiveMemory> LiveMemoryAsync(CancellationToken cancellationToken) => LiveMemory.AskAsync(_meters[0], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        await Database.DisposeAsync();
        _meters.ForEach(File.Delete);
    }

    public override string ToString() => string.Join('\n', _silos);

    /// <summary>Whether it is of the topic that the feeder writes: that of readings, or a source in its place.</summary>
    private bool IsFed(PartitionReport partition) => partition.SourceTopic is not null == _hasSource;

    private async Task<bool> IsSharedAsync(int partitions)
    {
        ThrowIfEnded();
        var reports = await _client.ReportsAsync();
        return reports.Length == _silos.Count && Array.TrueForAll(reports, report => report.Partitions.Length > 0)
            && reports.Sum(report => report.Partitions.Count(partition => partition.IsReady && IsFed(partition))) == partitions;
    }
}
