using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Configuration;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Ports;

/// <summary>The port of the pages, which is this process' own from the first step of its start, long before it can serve them.</summary>
/// <remarks>Whoever connects meanwhile waits for the answer. A port that was only found free could be another's by then.</remarks>
internal sealed class PagePort : IDisposable
{
    private const string Key = "Http:Port";

    private readonly TcpListener _listener;

    private PagePort(TcpListener listener) => _listener = listener;

    /// <summary>Never 0.</summary>
    public int Number => EndPoint.Port;

    private IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <param name="cluster">Its port 0: any free one.</param>
    /// <exception cref="UsageException">One cannot listen there: another process does, or the address is another machine's.</exception>
    public static PagePort Take(ClusterSettings cluster) => new(PortListener.Listen(cluster.HttpAddress, cluster.HttpPort, Key));

    /// <returns>The port of the settings, or a free one in its place if another process has it and nobody asked for this one.</returns>
    /// <exception cref="UsageException">One cannot listen there.</exception>
    public static PagePort TakePreferred(ClusterSettings cluster)
    {
        try
        {
            return Take(cluster);
        }
        catch (UsageException e) when (!cluster.IsHttpPortGiven && e.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
        {
            return Take(cluster with { HttpPort = 0 });
        }
    }

    /// <summary>Has the web server listen on it, and close it.</summary>
    public void HandOver(IWebHostBuilder web)
    {
        web.ConfigureKestrel(kestrel => kestrel.Listen(EndPoint));
        web.ConfigureServices(services => services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = _ => _listener.Server));
    }

    public void Dispose() => _listener.Dispose();
}
