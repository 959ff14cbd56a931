using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Silo.Hosting;

/// <summary>Ports, before somebody listens on them.</summary>
internal static class Ports
{
    /// <returns>Different ports of the address on which nobody listens now.</returns>
    public static int[] FindFree(IPAddress address, int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(address, 0)).ToList();
        try
        {
            listeners.ForEach(listener => listener.Start());
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Stop());
        }
    }

    /// <exception cref="UsageException">One cannot listen there: another process does, or the address is another machine's.</exception>
    /// <param name="key">Of the configuration, below <see cref="PipelineOptions.Section"/>.</param>
    public static void Check(IPAddress address, int port, string key)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new UsageException(
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"Port {port} of {address} is in use by another process; give another one as {PipelineOptions.Section}:{key}, or 0 for any free one."
                    : $"This machine cannot listen on {address}, port {port}, of {PipelineOptions.Section}:{key}: {e.Message}.",
                e);
        }
    }
}
