using System.Globalization;
using System.Text.Json;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Metering;
using GrainSensors.Benchmarks.Servers;
using Npgsql;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>The bare loop on a log, as a process of its own.</summary>
internal sealed class BareRun : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly string _meter;
    private readonly Executable _process;

    private BareRun(string meter, Executable process) => (_meter, _process) = (meter, process);

    public static async Task<BareRun> StartAsync(
        ReadingTopic topic, string connectionString, long readings, long warmUp, CancellationToken cancellationToken)
    {
        var meter = Path.GetTempFileName();
        var process = Executable.StartAssembly(
            typeof(BareLoop).Assembly.Location,
            new Dictionary<string, string> { ["DOTNET_STARTUP_HOOKS"] = typeof(Meter).Assembly.Location, [Meter.FileVariable] = meter },
            BareLoop.Name, "--kafka", topic.BootstrapServers, "--topic", topic.Name, "--partitions", Text(topic.Partitions),
            "--postgres", connectionString,
            "--readings", Text(readings), "--warm-up", Text(warmUp));
        var run = new BareRun(meter, process);
        await Patiently.UntilAsync(
            () => process.HasExited || process.Output.Contains(BareLoop.Assigned),
            "the bare loop gets no partitions",
            cancellationToken);
        return run;
    }

    /// <summary>Lets the feeder begin, and waits until everything is upserted.</summary>
    public async Task<IngestRound> WorkOffAsync(
        IngestRequest request, FeederProcess feeder, string connectionString, Action<long> taken, CancellationToken cancellationToken)
    {
        var begun = await feeder.BeginAsync();
        using var timer = new PeriodicTimer(LookInterval);
        while (!_process.HasExited)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var positions = Positions();
            await feeder.TellAsync(positions);
            taken(positions.Sum(partition => partition.Position));
        }

        var end = await _process.ExitAsync();
        var result = end.ExitCode == 0
            ? JsonSerializer.Deserialize<BareLoop.Result>(end.Output.Split('\n').Last(line => line.StartsWith('{')))!
            : throw new InvalidOperationException($"The bare loop failed: {end}");
        var from = request.WarmUp == 0 ? begun : result.WarmedUp;
        var isExact = await CountAsync(connectionString) == request.Readings;
        return new(request.Readings - request.WarmUp, from, result.Durable, isExact, Usage.Between([_meter], from, result.Durable));
    }

    /// <summary>The next offset to be read by partition, as far as it has told.</summary>
    public IReadOnlyList<(int Partition, long Position)> Positions()
    {
        var line = _process.Output.LastOrDefault(line => line.StartsWith(BareLoop.Positions, StringComparison.Ordinal));
        return line is null
            ? []
            : [.. line[BareLoop.Positions.Length..].Split(' ')
                .Select((text, partition) => (partition, long.Parse(text, CultureInfo.InvariantCulture)))];
    }

    /// <exception cref="InvalidOperationException">It is no more.</exception>
    public void ThrowIfEnded()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The bare loop has ended: {string.Join('\n', _process.Errors)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        File.Delete(_meter);
    }

    private static async Task<long> CountAsync(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand(
            "SELECT coalesce(sum(sample_count), 0)::bigint FROM bare_windows WHERE metric = 'temperature'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
