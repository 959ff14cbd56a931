using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Hosting.Ports;

/// <summary>Ports that are taken before anything else is started, so that a failure is told at once and in a sentence.</summary>
internal static class PortListener
{
    /// <param name="port">0: any free one.</param>
    /// <param name="key">Of the port, below <see cref="PipelineOptions.Section"/>.</param>
    /// <exception cref="UsageException">One cannot listen there: another process does, or the address is another machine's.</exception>
    public static TcpListener Listen(IPAddress address, int port, string key)
    {
        var listener = new TcpListener(address, port);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                // Any address of IPv4 too, as web servers have it.
                listener.Server.DualMode = true;
            }

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
