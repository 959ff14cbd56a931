using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Configuration;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Ports;

/// <summary>Ports that this process holds from the first step of its start until a silo or the web server listens on them.</summary>
/// <remarks>
/// <para>A port that was only found free can be taken by another process before it is used.</para>
/// <para>
/// Orleans allows others to listen on its ports beside it. Two silos that found the same port free would both be members with one
/// address, and each would get a part of the messages for the other.
/// </para>
/// </remarks>
internal sealed class PortReservation : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const string HttpPort = "Http:Port";

    private readonly List<TcpListener> _listeners = [];

    private PortReservation()
    {
    }

    /// <summary>Takes ports for a silo.</summary>
    /// <param name="wanted">Ports, 0 for any free port, and their keys below <see cref="PipelineOptions.Section"/>.</param>
    /// <exception cref="UsageException">Another process uses a port, or the address belongs to another machine.</exception>
    public static PortReservation Take(IPAddress address, params (int Port, string Key)[] wanted)
    {
        var reservation = new PortReservation();
        try
        {
            foreach (var (port, key) in wanted)
            {
                reservation._listeners.Add(Listen(address, port, key));
            }

            // From now on a socket that asks for the port, as Orleans' does, may listen as well; a search for a free port does not
            // find it. On Windows any socket that asks may listen, and a bound socket refuses the option.
            if (!OperatingSystem.IsWindows())
            {
                reservation._listeners.ForEach(listener =>
                    listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true));
            }

            return reservation;
        }
        catch
        {
            reservation.Dispose();
            throw;
        }
    }

    /// <returns>Different ports of the loopback address, for a silo.</returns>
    public static PortReservation TakeFree(int count) => Take(IPAddress.Loopback, [.. Enumerable.Repeat((0, ""), count)]);

    /// <summary>Takes the port for the web server. Clients that connect before it serves wait for the answer.</summary>
    /// <exception cref="UsageException">Another process uses the port, or the address belongs to another machine.</exception>
    public static PortReservation TakeHttp(HttpOptions http) => TakeHttp(http.Address, http.Port ?? HttpOptions.DefaultPort);

    /// <summary>As <see cref="TakeHttp(HttpOptions)"/>; if another process uses the default port, takes a free port instead.</summary>
    /// <exception cref="UsageException">Another process uses the configured port, or the address belongs to another machine.</exception>
    public static PortReservation TakeHttpOrFree(HttpOptions http, int defaultPort = HttpOptions.DefaultPort)
    {
        try
        {
            return TakeHttp(http.Address, http.Port ?? defaultPort);
        }
        catch (UsageException e) when (
            http.Port is null && e.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
        {
            return TakeHttp(http.Address, 0);
        }
    }

    /// <returns>The number of the port at this place, never 0.</returns>
    public int this[int index] => ((IPEndPoint)_listeners[index].LocalEndpoint).Port;

    /// <summary>The silo ends the reservation as soon as it listens, which is before any other silo knows it.</summary>
    public void HandOver(ISiloBuilder silo) => silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(this);

    /// <summary>The web server listens on the reserved socket and closes it.</summary>
    /// <param name="configure">Adds connection middleware.</param>
    public void HandOver(IWebHostBuilder web, Action<ListenOptions> configure)
    {
        var listener = _listeners[0];
        web.ConfigureKestrel(kestrel => kestrel.Listen((IPEndPoint)listener.LocalEndpoint, configure));
        web.ConfigureServices(services =>
            services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = _ => listener.Server));
    }

    void ILifecycleParticipant<ISiloLifecycle>.Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(PortReservation),
        ServiceLifecycleStage.RuntimeInitialize,
        _ =>
        {
            Dispose();
            return Task.CompletedTask;
        });

    public void Dispose() => _listeners.ForEach(listener => listener.Dispose());

    private static PortReservation TakeHttp(IPAddress address, int port)
    {
        var reservation = new PortReservation();
        reservation._listeners.Add(Listen(address, port, HttpPort));
        return reservation;
    }

    private static TcpListener Listen(IPAddress address, int port, string key)
    {
        var listener = new TcpListener(address, port);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                // Web servers take this address for any address of IPv4 too.
                listener.Server.DualMode = true;
            }

            listener.Start();
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            key = $"{PipelineOptions.Section}:{key}";
            throw new UsageException(
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"Port {port} of {address} is in use by another process; set {key} to another port, or to 0 for any free port."
                    : $"{key} is port {port} of {address}, on which this machine cannot listen: {e.Message}.",
                e);
        }
    }
}
