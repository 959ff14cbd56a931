using System.Globalization;
using System.Text.RegularExpressions;
using GrainSensors.Benchmarks.Metering;
using Npgsql;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>The product on a log: silos as they are shipped, each a process, with window rows, checkpoints and commits.</summary>
internal sealed partial class ProductRun : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly ClusterClient _client;
    private readonly NpgsqlDataSource _database;
    private readonly List<SiloProcess> _silos;
    private readonly List<string> _meters;

    private ProductRun(List<SiloProcess> silos, List<string> meters, ClusterClient client, NpgsqlDataSource database) =>
        (_silos, _meters, _client, _database) = (silos, meters, client, database);

    /// <param name="settings">More of them, as environment variables.</param>
    public static async Task<ProductRun> StartAsync(
        int silos, string bootstrapServers, string connectionString, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var processes = new List<SiloProcess>();
        var meters = new List<string>();
        for (var i = 0; i < silos; i++)
        {
            var meter = Path.GetTempFileName();
            meters.Add(meter);
            processes.Add(SiloProcess.Start(new Dictionary<string, string>(settings)
            {
                ["GrainSensors__Postgres__ConnectionString"] = connectionString,
                ["GrainSensors__Kafka__BootstrapServers"] = bootstrapServers,
                ["GrainSensors__Kafka__GroupId"] = Path.GetFileNameWithoutExtension(meters[0]),
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
        return new(processes, meters, await ClusterClient.ConnectAsync(database, cancellationToken), database);
    }

    /// <summary>Of the first silo.</summary>
    public Uri Page => new(_silos[0].Page!);

    /// <summary>Waits until every silo has partitions.</summary>
    public Task SpreadAsync(int partitions, CancellationToken cancellationToken) => Patiently.UntilAsync(
        async () =>
        {
            var reports = await _client.ReportsAsync();
            return reports.Length == _silos.Count && Array.TrueForAll(reports, report => report.Partitions.Length > 0)
                && reports.Sum(report => report.Partitions.Count(partition => partition.IsReady)) == partitions;
        },
        "the silos do not share the partitions",
        cancellationToken);

    /// <summary>Waits until everything in the log is taken, has the silos stop, and looks when that was durable.</summary>
    /// <param name="warmUp">Readings before those that are measured.</param>
    /// <returns>Without a warm-up, from the moment that the first partition began.</returns>
    public async Task<(long From, long To)> WorkOffAsync(ReadingLog log, long warmUp, CancellationToken cancellationToken)
    {
        var progress = new List<(long At, long Taken)>();
        using var timer = new PeriodicTimer(LookInterval);
        while (progress.Count == 0 || progress[^1].Taken < log.Readings)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            if (_silos.Find(silo => silo.Process.HasExited) is { } ended)
            {
                throw new InvalidOperationException($"A silo has ended: {ended}");
            }

            var reports = await _client.ReportsAsync();
            progress.Add((Now(), reports.Sum(report => report.Partitions.Sum(partition => partition.Position))));
        }

        await Task.WhenAll(_silos.Select(silo => silo.TerminateAsync()));
        await using var command = _database.CreateCommand("SELECT max(updated_at), sum(next_offset)::bigint FROM checkpoints");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var checkpointed = reader.GetInt64(1);
        return checkpointed == log.Readings
            ? (warmUp == 0 ? Began() : Passed(progress, warmUp), Micros(reader.GetDateTime(0)))
            : throw new InvalidOperationException($"The silos have stopped with {checkpointed:N0} of {log.Readings:N0} readings durable: {_silos[0]}");
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

    private static long Passed(List<(long At, long Taken)> progress, long readings)
    {
        var after = Math.Max(1, progress.FindIndex(look => look.Taken >= readings));
        var (a, b) = (progress[after - 1], progress[after]);
        return a.At + (long)((b.At - a.At) * (double)(readings - a.Taken) / Math.Max(1, b.Taken - a.Taken));
    }

    private long Began() => _silos.SelectMany(silo => silo.Process.Errors).Select(line => BeginsLine().Match(line)).Where(match => match.Success)
        .Min(match => Micros(DateTime.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal)));

    private static long Now() => Micros(DateTime.UtcNow);

    private static long Micros(DateTime at) => (long)(at - DateTime.UnixEpoch).TotalMicroseconds;

    [GeneratedRegex(@"^(\S+) .*Partition \d+ begins at offset")]
    private static partial Regex BeginsLine();
}
