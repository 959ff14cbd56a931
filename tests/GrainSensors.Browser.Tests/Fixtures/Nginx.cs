using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Browser.Tests.Fixtures;

/// <summary>Debian's nginx before a silo, with its defaults: it gets only the directives that it needs to run beside others.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory = new();
    private readonly int _port = FreePort();
    private readonly Process _process;

    private Nginx(string program, string location)
    {
        File.WriteAllText(
            _directory.File("nginx.conf"),
            $$"""
            daemon off;
            user {{Environment.UserName}};
            pid {{_directory.File("pid")}};
            events { }
            http {
                access_log off;
                client_body_temp_path {{_directory.Path}};
                proxy_temp_path {{_directory.Path}};
                fastcgi_temp_path {{_directory.Path}};
                uwsgi_temp_path {{_directory.Path}};
                scgi_temp_path {{_directory.Path}};
                server {
                    listen 127.0.0.1:{{_port}};
                    {{location}}
                }
            }

            """);
        _process = Process.Start(program, ["-e", _directory.File("log"), "-c", _directory.File("nginx.conf")]);
    }

    /// <summary>The scheme, the name and the port of the proxy.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    /// <summary>Skips the test where nginx is not to be had.</summary>
    /// <param name="location">A block of its configuration.</param>
    public static async Task<Nginx> StartAsync(string location)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Append("/usr/sbin").Append(Path.Combine(home, ".cache/grainsensors/nginx/usr/sbin"))
            .Select(directory => Path.Combine(directory, "nginx"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "nginx is neither on the path nor in ~/.cache/grainsensors/nginx; run tests/run.sh.");
        var nginx = new Nginx(program!, location);
        await Until.Async(nginx.IsListeningAsync, nginx.ToString, Patience);
        return nginx;
    }

    public override string ToString() => File.Exists(_directory.File("log")) ? File.ReadAllText(_directory.File("log")) : "no log";

    public async ValueTask DisposeAsync()
    {
        // Ends the workers, too.
        using var stop = Process.Start("kill", ["-s", "TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }

    private async Task<bool> IsListeningAsync()
    {
        Assert.False(_process.HasExited, ToString());
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
