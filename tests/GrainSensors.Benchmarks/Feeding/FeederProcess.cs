using System.Diagnostics;
using System.Globalization;
using GrainSensors.Benchmarks.Servers;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>A feeder, from the side of whoever measures.</summary>
internal sealed class FeederProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly long[] _positions;
    private Task _listening = Task.CompletedTask;

    private FeederProcess(Process process, int partitions)
    {
        _process = process;
        _positions = new long[partitions];
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>A feeder of batches that are ready.</summary>
    public static Task<FeederProcess> OfAsync(ReadingTopic topic, BatchFile file) => StartAsync(topic, "--file", file.Path);

    /// <summary>A feeder of batches that are ready, so many readings at a time; each time it must be told.</summary>
    public static Task<FeederProcess> OfAsync(ReadingTopic topic, BatchFile file, long chunk) =>
        StartAsync(topic, "--file", file.Path, "--chunk", Text(chunk));

    /// <summary>A feeder that makes its batches as it goes, and never ends by itself.</summary>
    /// <param name="from">Event time of the first readings, seconds since the epoch.</param>
    public static Task<FeederProcess> EndlessAsync(ReadingTopic topic, int sensors, long from) =>
        StartAsync(topic, "--sensors", Text(sensors), "--from", Text(from));

    /// <summary>A feeder of readings of the present.</summary>
    /// <inheritdoc cref="LiveFeed"/>
    public static Task<FeederProcess> LiveAsync(ReadingTopic topic, int sensors, int rate, int stride, int faultsPerSecond) =>
        StartAsync(topic, "--sensors", Text(sensors), "--rate", Text(rate), "--stride", Text(stride), "--faults", Text(faultsPerSecond));

    /// <param name="sent">Is told what a live feeder has sent, from another thread.</param>
    /// <returns>When it began to send, µs since the epoch.</returns>
    public async Task<long> BeginAsync(Action<LiveFeed.Tick>? sent = null)
    {
        await _process.StandardInput.WriteLineAsync(FeederCommand.Go);
        var answer = await ReadAsync(FeederCommand.Begun);
        _listening = sent is null ? Task.CompletedTask : Task.Run(() => ListenAsync(sent));
        return Number(answer[FeederCommand.Begun.Length..]);
    }

    /// <summary>Has it send the next chunk.</summary>
    public Task GoOnAsync() => _process.StandardInput.WriteLineAsync(FeederCommand.Go);

    /// <summary>Tells it how far the readers are.</summary>
    /// <param name="positions">The next offset to be read by partition, of some of them.</param>
    /// <exception cref="InvalidOperationException">It has failed.</exception>
    public async Task TellAsync(IEnumerable<(int Partition, long Position)> positions)
    {
        foreach (var (partition, position) in positions)
        {
            // A partition that is on its way from one reader to another is at 0 for some time.
            _positions[partition] = Math.Max(_positions[partition], position);
        }

        try
        {
            await _process.StandardInput.WriteLineAsync(string.Join(' ', _positions.Select(Text)));
        }
        catch (IOException)
        {
            // It has sent everything, or failed.
            await WaitAsync();
        }
    }

    /// <summary>Has it send no more; what it has sent until then, it has told.</summary>
    /// <exception cref="InvalidOperationException">It has failed.</exception>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await WaitAsync();
        await _listening;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<FeederProcess> StartAsync(ReadingTopic topic, params string[] source)
    {
        var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                typeof(FeederProcess).Assembly.Location, FeederCommand.Name,
                "--kafka", topic.BootstrapServers, "--topic", topic.Name, .. source,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var feeder = new FeederProcess(process, topic.Partitions);
        process.StandardInput.AutoFlush = true;
        await feeder.ReadAsync(FeederCommand.Ready);
        return feeder;
    }

    private async Task<string> ReadAsync(string prefix)
    {
        var line = await _process.StandardOutput.ReadLineAsync();
        if (line is null)
        {
            await WaitAsync();
        }

        return line?.StartsWith(prefix, StringComparison.Ordinal) == true
            ? line
            : throw new InvalidOperationException($"The feeder said \"{line}\" instead of \"{prefix}\".");
    }

    private async Task ListenAsync(Action<LiveFeed.Tick> sent)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var numbers = line[FeederCommand.Sent.Length..].Split(' ');
            sent(new(Number(numbers[0]), Number(numbers[1]), (int)Number(numbers[2])));
        }
    }

    private async Task WaitAsync()
    {
        await _process.WaitForExitAsync();
        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The feeder of the log failed: {await _errors}");
        }
    }

    private static string Text(int number) => Text((long)number);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
