using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace GrainSensors.Tests.Shared;

/// <summary>
/// A PostgreSQL server of our own in a temporary directory: started when the first test asks for a database, and
/// deleted at the end. Tests that stop it make one for themselves.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"grainsensors-pg-{Guid.NewGuid():N}");
    private int _port;
    private int _databases;
    private bool _isRunning;

    /// <summary>PEM files of the certificate and the key with which the server offers TLS; null: it offers none.</summary>
    internal (string Certificate, string Key)? Tls { get; init; }

    private string Data => Path.Combine(_directory, "data");

    /// <param name="options">What follows in CREATE DATABASE.</param>
    /// <returns>The connection string of a new, empty database.</returns>
    public async Task<string> CreateDatabaseAsync(string options = "")
    {
        await StartAsync();
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await using var dataSource = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var command = dataSource.CreateCommand($"CREATE DATABASE {name} {options}");
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    /// <summary>Starts the server where it stood: the port and the data stay the same.</summary>
    public async Task StartAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_isRunning)
            {
                return;
            }

            if (_port == 0)
            {
                _port = FreePort();
                await CreateClusterAsync();
            }

            var options = $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c jit=off "
                + "-c max_connections=200" + (Tls is null ? "" : " -c ssl=on");
            await RunAsync("pg_ctl", "-D", Data, "-l", Path.Combine(_directory, "log"), "-o", options, "-w", "start");
            _isRunning = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <returns>A standby with what the server holds now, which follows it (asynchronously) while it is started.</returns>
    public async Task<PostgresServer> CreateStandbyAsync()
    {
        var standby = new PostgresServer { _port = FreePort() };
        await standby.CreateDirectoryAsync();
        await RunAsync(
            "pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-D", standby.Data, "-d", $"host=127.0.0.1 port={_port} user=postgres");
        return standby;
    }

    /// <summary>The standby takes over.</summary>
    public Task PromoteAsync() => RunAsync("pg_ctl", "-D", Data, "-w", "promote");

    /// <returns>The connection string of a database, on this server or another one, whichever is the primary.</returns>
    public string WithStandby(string connectionString, PostgresServer standby) =>
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = $"127.0.0.1:{_port},127.0.0.1:{standby._port}",
            TargetSessionAttributes = "primary",
        }.ConnectionString;

    /// <param name="mode"><c>fast</c>, or <c>immediate</c>, which is a crash.</param>
    public async Task StopAsync(string mode = "fast")
    {
        await _gate.WaitAsync();
        try
        {
            if (_isRunning)
            {
                await RunAsync("pg_ctl", "-D", Data, "-m", mode, "-w", "stop");
                _isRunning = false;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Backs a database up, in use or not.</summary>
    /// <param name="connectionString">Of the database.</param>
    /// <returns>The file.</returns>
    public async Task<string> DumpAsync(string connectionString)
    {
        var file = Path.Combine(_directory, $"{Guid.NewGuid():N}.dump");
        await RunAsync("pg_dump", "-Fc", "-f", file, "-d", Address(connectionString));
        return file;
    }

    /// <summary>Drops the database and creates it again as it is in the backup.</summary>
    public async Task RestoreAsync(string connectionString, string backup)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        await using var dataSource = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var drop = dataSource.CreateCommand($"DROP DATABASE {database} WITH (FORCE)");
        await drop.ExecuteNonQueryAsync();
        await using var create = dataSource.CreateCommand($"CREATE DATABASE {database}");
        await create.ExecuteNonQueryAsync();
        await RunAsync("pg_restore", "--exit-on-error", "-d", Address(connectionString), backup);
    }

    /// <summary>Creates a role that, unlike the main one, has to show a password: one that nobody knows.</summary>
    public async Task RequirePasswordAsync(string role)
    {
        await using var dataSource = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var create = dataSource.CreateCommand($"CREATE ROLE {role} LOGIN PASSWORD '{Guid.NewGuid()}'");
        await create.ExecuteNonQueryAsync();
        var rules = Path.Combine(Data, "pg_hba.conf");
        await File.WriteAllTextAsync(rules, $"host all {role} 127.0.0.1/32 scram-sha-256\n{await File.ReadAllTextAsync(rules)}");
        await using var reload = dataSource.CreateCommand("SELECT pg_reload_conf()");
        await reload.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync("immediate");
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }

        _gate.Dispose();
    }

    // The server trusts everyone; the password is there to be looked for where it must not appear.
    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Password=topsecret;Database={database};Timeout=5;Pooling=true";

    /// <summary>As the server's programs take it.</summary>
    private string Address(string connectionString) =>
        $"host=127.0.0.1 port={_port} user=postgres dbname={new NpgsqlConnectionStringBuilder(connectionString).Database}";

    private async Task CreateClusterAsync()
    {
        await CreateDirectoryAsync();
        await RunAsync("initdb", "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        if (Tls is { } tls)
        {
            await InstallAsync(tls.Certificate, "server.crt");
            await InstallAsync(tls.Key, "server.key");
        }
    }

    private async Task CreateDirectoryAsync()
    {
        Directory.CreateDirectory(_directory);
        if (Environment.UserName == "root")
        {
            await RunPlainAsync("chown", ["postgres", _directory]);
        }
    }

    /// <summary>Copies a file into the directory of the server, which refuses a key that others can read.</summary>
    private async Task InstallAsync(string file, string name)
    {
        string[] owner = Environment.UserName == "root" ? ["-o", "postgres", "-g", "postgres"] : [];
        await RunPlainAsync("install", ["-m", "600", .. owner, file, Path.Combine(Data, name)]);
    }

    /// <summary>Runs one of the server's programs; they refuse to run as root.</summary>
    private static Task RunAsync(string program, params string[] arguments)
    {
        var path = FindProgram(program);
        return Environment.UserName == "root"
            ? RunPlainAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", path, .. arguments])
            : RunPlainAsync(path, arguments);
    }

    private static async Task RunPlainAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;
        // Not to the end of the streams: the server inherits them.
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {await output}{await error}");
        }
    }

    /// <summary>The newest installed version first; other distributions put the programs on the path.</summary>
    private static string FindProgram(string name)
    {
        const string Debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(Debian) ? Directory.GetDirectories(Debian) : [];
        var found = versions
            .OrderByDescending(path => int.TryParse(Path.GetFileName(path), out var version) ? version : 0)
            .Select(path => Path.Combine(path, "bin"))
            .Concat(ConfiguredDirectory())
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
        return found ?? throw new InvalidOperationException(
            $"PostgreSQL's {name} is not installed; install the server (Debian: apt-get install postgresql).");
    }

    private static string[] ConfiguredDirectory()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("pg_config", "--bindir") { RedirectStandardOutput = true })!;
            return [process.StandardOutput.ReadToEnd().Trim()];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return [];
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
