using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace GrainSensors.Tests.Shared;

/// <summary>A pgbouncer in transaction mode before a server.</summary>
internal sealed class Pgbouncer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory = new();
    private readonly string _program;
    private readonly int _port;
    private Process? _process;

    private Pgbouncer(string program, string connectionString, int poolSize)
    {
        _program = program;
        _port = FreePort();
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { Port = _port }.ConnectionString;
        File.WriteAllText(
            _directory.File("pgbouncer.ini"),
            $"""
            [databases]
            * = host={server.Host} port={server.Port} user={server.Username}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {_port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = {poolSize}
            max_client_conn = 500
            logfile = {_directory.File("log")}

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_111_111);
        }
    }

    /// <summary>The connection string of the server, through this pooler.</summary>
    public string ConnectionString { get; }

    /// <summary>Skips the test where pgbouncer is not installed.</summary>
    /// <param name="connectionString">Of a database of the server.</param>
    /// <param name="poolSize">The connections to the server.</param>
    public static async Task<Pgbouncer> StartAsync(string connectionString, int poolSize)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
            .Select(directory => Path.Combine(directory, "pgbouncer"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "pgbouncer is not installed; run tests/run.sh.");
        var pooler = new Pgbouncer(program!, connectionString, poolSize);
        await pooler.StartAsync();
        return pooler;
    }

    public async Task StartAsync()
    {
        string[] command = [_program, "--quiet", _directory.File("pgbouncer.ini")];

        // It refuses to run as root.
        _process = Environment.UserName == "root"
            ? Process.Start("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", .. command])
            : Process.Start(command[0], command[1..]);
        await Until.Async(ListensAsync, () => $"{_program} does not listen: {Log()}", Patience);
    }

    /// <summary>Lets the transactions under way end, and holds back the next ones.</summary>
    public Task PauseAsync() => SignalAsync("USR1");

    public Task ResumeAsync() => SignalAsync("USR2");

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        _directory.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task<bool> ListensAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string Log() => File.Exists(_directory.File("log")) ? File.ReadAllText(_directory.File("log")) : "no log";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
