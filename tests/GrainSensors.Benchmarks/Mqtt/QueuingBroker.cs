using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Benchmarks.Mqtt;

/// <summary>Debian's mosquitto, and messages that its client publishes with quality of service 1.</summary>
internal sealed class QueuingBroker : IAsyncDisposable
{
    private const int Publishers = 10;
    private readonly string _folder = Directory.CreateTempSubdirectory("grainsensors-mqtt-").FullName;
    private Process? _process;

    private QueuingBroker(int port) => Port = port;

    public int Port { get; }

    /// <exception cref="InvalidOperationException">mosquitto is not installed, or does not start.</exception>
    public static async Task<QueuingBroker> StartAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var broker = new QueuingBroker(((IPEndPoint)listener.LocalEndpoint).Port);
        listener.Stop();
        var file = Path.Combine(broker._folder, "mosquitto.conf");
        await File.WriteAllTextAsync(
            file,
            $"listener {broker.Port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\nlog_type error\n");
        broker._process = Start("mosquitto", "-c", file);
        return broker;
    }

    /// <summary>Publishes, from several processes, and waits for all acknowledgements.</summary>
    /// <returns>The messages.</returns>
    public Task<int[]> PublishAsync(int messages) => Task.WhenAll(Enumerable.Range(0, Publishers).Select(async publisher =>
    {
        var count = messages / Publishers;
        using var process = Process.Start(new ProcessStartInfo(
            "mosquitto_pub",
            ["-p", Port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-l", "-t", $"sensors/{publisher}/telemetry"])
        {
            RedirectStandardInput = true,
        })!;
        for (var n = 0; n < count; n++)
        {
            await process.StandardInput.WriteLineAsync(
                string.Create(CultureInfo.InvariantCulture, $$"""{"temperature":21.5,"humidity":60,"n":{{n}}}"""));
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? count : throw new InvalidOperationException("mosquitto_pub failed.");
    }));

    public async ValueTask DisposeAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Start(string program, params string[] arguments)
    {
        var path = File.Exists($"/usr/sbin/{program}") ? $"/usr/sbin/{program}" : program;
        return Process.Start(path, arguments);
    }
}
