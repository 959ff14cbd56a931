using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Tests.Shared;

/// <summary>A broker of an installation, alone and its own controller (KRaft), with its data in a temporary directory.</summary>
internal sealed class KafkaProcess : IAsyncDisposable
{
    private const int KeptLines = 20;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);
    private readonly string _home;
    private readonly Func<KafkaProcess, Task> _untilReady;
    private readonly string _folder = Directory.CreateTempSubdirectory("grainsensors-kafka-").FullName;
    private readonly ConcurrentQueue<string> _output = [];
    private Process? _process;

    private readonly SecureListener? _secure;

    private KafkaProcess(string home, Func<KafkaProcess, Task> untilReady, SecureListener? secure) =>
        (_home, _untilReady, _secure) = (home, untilReady, secure);

    public string BootstrapServers { get; private set; } = "";

    /// <summary>The address of the <see cref="SecureListener"/>.</summary>
    public string SecureServers { get; private set; } = "";

    public bool HasExited => _process is null or { HasExited: true };

    /// <summary>The last lines of it.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>The directory of each partition is in it.</summary>
    public string DataFolder => Path.Combine(_folder, "data");

    private string Settings => Path.Combine(_folder, "server.properties");

    /// <param name="home">Where <c>bin</c> is.</param>
    /// <param name="untilReady">Waits until it takes requests.</param>
    /// <param name="secure">A further listener; null: none.</param>
    public static async Task<KafkaProcess> StartAsync(string home, Func<KafkaProcess, Task> untilReady, SecureListener? secure = null)
    {
        var kafka = new KafkaProcess(home, untilReady, secure);
        try
        {
            await kafka.FormatAsync();
            await kafka.StartAsync();
            return kafka;
        }
        catch
        {
            await kafka.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill -9. What it has acknowledged is in the pages of the operating system, and stays.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Starts the broker, where it stood if it ran before: its ports, its data and its ids stay the same.</summary>
    /// <returns>When it takes requests.</returns>
    public async Task StartAsync()
    {
        _process?.Dispose();
        _process = Run("kafka-server-start.sh", Settings);
        await _untilReady(this);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false } process)
        {
            // The scripts become the broker, by exec.
            using var kill = Process.Start("kill", ["-s", "TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(StopTimeout);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process?.Dispose();
        _process = null;
        Directory.Delete(_folder, recursive: true);
    }

    private async Task FormatAsync()
    {
        var (port, controller, secure) = FreePorts();
        BootstrapServers = $"127.0.0.1:{port}";
        SecureServers = $"localhost:{secure}";
        await File.WriteAllTextAsync(Settings, Properties(port, controller) + _secure?.Properties(port, controller, secure));

        // A cluster id is a UUID in URL-safe Base64. It may begin with a hyphen, and is no option then.
        string[] users = _secure is null ? [] : ["--add-scram", _secure.User];
        var clusterId = Base64Url.EncodeToString(Guid.NewGuid().ToByteArray());
        using var format = Run("kafka-storage.sh", ["format", $"--cluster-id={clusterId}", "-c", Settings, .. users]);
        await format.WaitForExitAsync();
        if (format.ExitCode != 0)
        {
            throw new InvalidOperationException($"kafka-storage.sh failed: {Output}");
        }
    }

    private Process Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(_home, "bin", script), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LOG_DIR"] = Path.Combine(_folder, "logs"), ["KAFKA_HEAP_OPTS"] = "-Xmx512m" },
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            _output.Enqueue(line.Data);
            while (_output.Count > KeptLines)
            {
                _output.TryDequeue(out _);
            }
        }
    }

    private string Properties(int port, int controller) =>
        $"""
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:{controller}
        controller.listener.names=CONTROLLER
        listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
        advertised.listeners=PLAINTEXT://127.0.0.1:{port}
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        log.dirs={DataFolder}
        offsets.topic.replication.factor=1
        offsets.topic.num.partitions=4
        transaction.state.log.replication.factor=1
        transaction.state.log.num.partitions=4
        transaction.state.log.min.isr=1
        group.initial.rebalance.delay.ms=100
        auto.create.topics.enable=false

        """;

    /// <summary>All at once, so that they differ.</summary>
    private static (int Broker, int Controller, int Secure) FreePorts()
    {
        using TcpListener one = new(IPAddress.Loopback, 0), two = new(IPAddress.Loopback, 0), three = new(IPAddress.Loopback, 0);
        return (Start(one), Start(two), Start(three));

        static int Start(TcpListener listener)
        {
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
