using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Hosting.Ports;

/// <summary>Ports that are kept from other processes until a silo itself listens on them.</summary>
/// <remarks>
/// Orleans lets others listen on its ports beside it. Two silos that had found the same port free would both be members under one
/// address, and each would get a part of what is meant for the other.
/// </remarks>
internal sealed class PortReservation : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly List<TcpListener> _listeners = [];

    private PortReservation()
    {
    }

    /// <param name="wanted">Ports, 0 for any free one, and their keys below <see cref="PipelineOptions.Section"/>.</param>
    /// <exception cref="UsageException">One cannot listen there: another process does, or the address is another machine's.</exception>
    public static PortReservation Take(IPAddress address, params (int Port, string Key)[] wanted)
    {
        var reservation = new PortReservation();
        try
        {
            foreach (var (port, key) in wanted)
            {
                reservation._listeners.Add(PortListener.Listen(address, port, key));
            }

            // From now on one that asks for it, as Orleans does, may listen as well; who looks for a free port does not.
            // On Windows whoever asks may, and a socket that is bound takes the option no more.
            if (!OperatingSystem.IsWindows())
            {
                reservation._listeners.ForEach(listener => listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true));
            }

            return reservation;
        }
        catch
        {
            reservation.Dispose();
            throw;
        }
    }

    /// <returns>Different ports of the loopback address.</returns>
    public static PortReservation TakeFree(int count) => Take(IPAddress.Loopback, [.. Enumerable.Repeat((0, ""), count)]);

    /// <summary>The port in place of the one that was wanted.</summary>
    public int this[int index] => ((IPEndPoint)_listeners[index].LocalEndpoint).Port;

    /// <summary>Has the silo end the reservation as soon as it listens, which is before anybody knows it.</summary>
    public void HandOver(ISiloBuilder silo) => silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(this);

    void ILifecycleParticipant<ISiloLifecycle>.Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(PortReservation),
        ServiceLifecycleStage.RuntimeInitialize,
        _ =>
        {
            Dispose();
            return Task.CompletedTask;
        });

    public void Dispose() => _listeners.ForEach(listener => listener.Stop());
}
