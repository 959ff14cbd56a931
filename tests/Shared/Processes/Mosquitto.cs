using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Tests.Shared;

/// <summary>Debian's MQTT broker, with its data in a temporary directory.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory = new();
    private readonly string _program;
    private Process? _process;

    private Mosquitto(string program, string settings)
    {
        _program = program;
        Port = FreePort();
        var user = Environment.UserName == "root" ? "user root" : "";
        File.WriteAllText(
            _directory.File("mosquitto.conf"),
            $"""
            listener {Port} 127.0.0.1
            {user}
            persistence true
            persistence_location {_directory.Path}/
            log_dest file {_directory.File("log")}
            max_queued_messages 0
            {settings}

            """);
    }

    public int Port { get; }

    /// <summary>Skips the test where mosquitto is not installed.</summary>
    /// <param name="settings">Lines of its configuration.</param>
    public static async Task<Mosquitto> StartAsync(string settings = "allow_anonymous true")
    {
        var broker = new Mosquitto(Find("mosquitto"), settings);
        await broker.StartAsync();
        return broker;
    }

    /// <summary>Starts the broker, where it stood if it ran before: with the same port and the same sessions.</summary>
    public async Task StartAsync()
    {
        _process = Process.Start(_program, ["-c", _directory.File("mosquitto.conf")]);
        await Until.Async(ListensAsync, () => $"{_program} does not listen: {Log()}", Patience);
    }

    /// <summary>SIGTERM: the broker writes its sessions. With SIGKILL it loses messages that it has acknowledged.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-s", "TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Makes the file of passwords.</summary>
    public static async Task WritePasswordAsync(string file, string user, string password)
    {
        using var process = Process.Start(Find("mosquitto_passwd"), ["-b", "-c", file, user, password]);
        await process.WaitForExitAsync();
    }

    /// <summary>Publishes with Debian's client.</summary>
    public Task PublishAsync(string topic, string payload, params string[] arguments) => PublishAsync(Port, topic, payload, arguments);

    /// <summary>Publishes with Debian's client to any broker.</summary>
    public static async Task PublishAsync(int port, string topic, string payload, params string[] arguments)
    {
        using var process = Process.Start(
            Find("mosquitto_pub"),
            ["-p", port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-t", topic, "-m", payload, .. arguments]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Publishes with Debian's client, and waits until the broker has acknowledged all.</summary>
    public async Task PublishAllAsync(string topic, IEnumerable<string> payloads)
    {
        var start = new ProcessStartInfo(
            Find("mosquitto_pub"), ["-p", Port.ToString(CultureInfo.InvariantCulture), "-q", "1", "-t", topic, "-l"])
        {
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        foreach (var payload in payloads)
        {
            await process.StandardInput.WriteLineAsync(payload);
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    /// <returns>What the broker retains for a topic; empty: nothing.</returns>
    public async Task<string> RetainedAsync(string topic)
    {
        var start = new ProcessStartInfo(
            Find("mosquitto_sub"),
            ["-p", Port.ToString(CultureInfo.InvariantCulture), "-t", topic, "-C", "1", "-W", "1", "--retained-only"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text;
    }

    public string Log() => File.Exists(_directory.File("log")) ? File.ReadAllText(_directory.File("log")) : "no log";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _directory.Dispose();
    }

    private static string Find(string name)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, $"{name} is not installed; run tests/run.sh.");
        return program!;
    }

    private async Task<bool> ListensAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
