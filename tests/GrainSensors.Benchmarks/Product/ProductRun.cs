using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Metering;
using GrainSensors.Benchmarks.Servers;
using Npgsql;

namespace GrainSensors.Benchmarks.Product;

/// <summary>The product on a log: silos as they are shipped, each a process, with window rows, checkpoints and commits.</summary>
internal sealed class ProductRun : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly ClusterClient _client;
    private readonly NpgsqlDataSource _database;
    private readonly List<SiloProcess> _silos;
    private readonly List<string> _meters;

    private ProductRun(List<SiloProcess> silos, List<string> meters, ClusterClient client, NpgsqlDataSource database) =>
        (_silos, _meters, _client, _database) = (silos, meters, client, database);

    /// <summary>Silos that share the partitions of the topic and have nothing to do yet.</summary>
    /// <param name="settings">More of them, as environment variables.</param>
    public static async Task<ProductRun> StartAsync(
        int silos, ReadingTopic topic, string connectionString, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var processes = new List<SiloProcess>();
        var meters = new List<string>();
        for (var i = 0; i < silos; i++)
        {
            var meter = Path.GetTempFileName();
            meters.Add(meter);
            processes.Add(SiloProcess.Start(new Dictionary<string, string>(topic.Settings.Concat(settings))
            {
                ["GrainSensors__Postgres__ConnectionString"] = connectionString,
                ["GrainSensors__Silo__SiloPort"] = "0",
                ["GrainSensors__Silo__GatewayPort"] = "0",
                ["GrainSensors__Http__Port"] = "0",
                ["DOTNET_STARTUP_HOOKS"] = typeof(Meter).Assembly.Location,
                [Meter.FileVariable] = meter,
            }));
        }

        foreach (var process in processes)
        {
            await Patiently.UntilAsync(() => process.Page is not null || process.Process.HasExited, $"a silo has not started: {process}", cancellationToken);
            if (process.Process.HasExited)
            {
                throw new InvalidOperationException($"A silo has ended: {process}");
            }
        }

        var database = NpgsqlDataSource.Create(connectionString);
        var run = new ProductRun(processes, meters, await ClusterClient.ConnectAsync(database, cancellationToken), database);
        await run.SpreadAsync(topic.Partitions, cancellationToken);
        return run;
    }

    /// <summary>Of the first silo.</summary>
    public Uri Page => new(_silos[0].Page!);

    /// <summary>Lets the feeder begin, waits until everything is taken and durable, and has the silos stop.</summary>
    /// <param name="warmUp">Readings before those that are measured.</param>
    /// <param name="hurry">
    /// Has the silos stop so that they make everything durable at once, instead of waiting for the next checkpoint. For one
    /// silo: of several that stop together each needs grains of the others for its last checkpoint.
    /// </param>
    /// <param name="taken">Is told how many.</param>
    public async Task<(long From, long To)> WorkOffAsync(
        FeederProcess feeder, long readings, long warmUp, bool hurry, Action<long> taken, CancellationToken cancellationToken)
    {
        var begun = await feeder.BeginAsync();
        var progress = new List<(long At, long Taken)> { (begun, 0) };
        using var timer = new PeriodicTimer(LookInterval);
        while (progress[^1].Taken < readings)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            if (_silos.Find(silo => silo.Process.HasExited) is { } ended)
            {
                throw new InvalidOperationException($"A silo has ended: {ended}");
            }

            var positions = await PositionsAsync();
            await feeder.TellAsync(positions);
            progress.Add((Now(), positions.Sum(partition => partition.Position)));
            taken(progress[^1].Taken);
        }

        var durable = (Readings: 0L, At: 0L);
        if (!hurry)
        {
            await Patiently.UntilAsync(
                async () => (durable = await CheckpointedAsync(cancellationToken)).Readings == readings, "the last checkpoint does not come", cancellationToken);
        }

        await Task.WhenAll(_silos.Select(silo => silo.TerminateAsync()));
        durable = hurry ? await CheckpointedAsync(cancellationToken) : durable;
        return durable.Readings == readings
            ? (Passed(progress, warmUp), durable.At)
            : throw new InvalidOperationException($"The silos have stopped with {durable.Readings:N0} of {readings:N0} readings durable: {string.Join('\n', _silos)}");
    }

    /// <returns>The readings that the rows hold.</returns>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand("SELECT coalesce(sum(sample_count), 0)::bigint FROM sensor_windows WHERE metric = 'temperature'");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public Usage Usage(long from, long to) => Metering.Usage.Between(_meters, from, to);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        await _database.DisposeAsync();
        _meters.ForEach(File.Delete);
    }

    /// <summary>Waits until every silo has partitions.</summary>
    private Task SpreadAsync(int partitions, CancellationToken cancellationToken) => Patiently.UntilAsync(
        async () =>
        {
            var reports = await _client.ReportsAsync();
            return reports.Length == _silos.Count && Array.TrueForAll(reports, report => report.Partitions.Length > 0)
                && reports.Sum(report => report.Partitions.Count(partition => partition.IsReady)) == partitions;
        },
        "the silos do not share the partitions",
        cancellationToken);

    private async Task<List<(int Partition, long Position)>> PositionsAsync() =>
        [.. (await _client.ReportsAsync()).SelectMany(report => report.Partitions).Select(partition => (partition.Partition, partition.Position))];

    /// <returns>What is durable, and when the last of it became so, µs since the epoch.</returns>
    private async Task<(long Readings, long At)> CheckpointedAsync(CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand("SELECT sum(next_offset)::bigint, max(updated_at) FROM checkpoints");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), Micros(reader.GetDateTime(1)));
    }

    private static long Passed(List<(long At, long Taken)> progress, long readings)
    {
        if (readings == 0)
        {
            return progress[0].At;
        }

        var after = progress.FindIndex(look => look.Taken >= readings);
        var (a, b) = (progress[after - 1], progress[after]);
        return a.At + (long)((b.At - a.At) * (double)(readings - a.Taken) / (b.Taken - a.Taken));
    }

    private static long Now() => Micros(DateTime.UtcNow);

    private static long Micros(DateTime at) => (long)(at - DateTime.UnixEpoch).TotalMicroseconds;
}
