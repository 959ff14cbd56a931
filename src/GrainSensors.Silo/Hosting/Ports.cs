using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Silo.Hosting;

/// <summary>Ports, before somebody listens on them.</summary>
internal static class Ports
{
    /// <returns>Different ports of the loopback address on which nobody listens now.</returns>
    public static int[] FindFree(int count) => Resolve(IPAddress.Loopback, [.. Enumerable.Repeat((0, ""), count)]);

    /// <summary>Sees whether one can listen, and finds free ports in place of 0.</summary>
    /// <param name="wanted">Ports, and their keys below <see cref="PipelineOptions.Section"/>.</param>
    /// <exception cref="UsageException">One cannot listen there: another process does, or the address is another machine's.</exception>
    public static int[] Resolve(IPAddress address, params (int Port, string Key)[] wanted)
    {
        var listeners = new List<TcpListener>();
        try
        {
            foreach (var (port, key) in wanted)
            {
                listeners.Add(Listen(address, port, key));
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Stop());
        }
    }

    /// <returns>The port if one can listen there, or a free one in its place if another process does and nobody asked for this one.</returns>
    /// <exception cref="UsageException">One cannot listen there.</exception>
    public static int ResolvePreferred(IPAddress address, int port, string key, bool isAskedFor)
    {
        try
        {
            return Resolve(address, (port, key))[0];
        }
        catch (UsageException e) when (!isAskedFor && e.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
        {
            return Resolve(address, (0, key))[0];
        }
    }

    private static TcpListener Listen(IPAddress address, int port, string key)
    {
        var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new UsageException(
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"Port {port} of {address} is in use by another process; give another one as {PipelineOptions.Section}:{key}, or 0 for any free one."
                    : $"This machine cannot listen on {address}, port {port}, of {PipelineOptions.Section}:{key}: {e.Message}.",
                e);
        }
    }
}
