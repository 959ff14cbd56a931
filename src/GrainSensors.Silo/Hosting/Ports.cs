using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Silo.Hosting;

/// <summary>Ports, before somebody listens on them.</summary>
internal static class Ports
{
    /// <summary>Sees whether one can listen, and finds a free port in place of 0.</summary>
    /// <param name="key">Of the port, below <see cref="PipelineOptions.Section"/>.</param>
    /// <exception cref="UsageException">One cannot listen there: another process does, or the address is another machine's.</exception>
    public static int Resolve(IPAddress address, int port, string key)
    {
        using var listener = Listen(address, port, key);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <returns>The port if one can listen there, or a free one in its place if another process does and nobody asked for this one.</returns>
    /// <exception cref="UsageException">One cannot listen there.</exception>
    public static int ResolvePreferred(IPAddress address, int port, string key, bool isAskedFor)
    {
        try
        {
            return Resolve(address, port, key);
        }
        catch (UsageException e) when (!isAskedFor && e.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
        {
            return Resolve(address, 0, key);
        }
    }

    /// <exception cref="UsageException">One cannot listen there.</exception>
    public static TcpListener Listen(IPAddress address, int port, string key)
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
