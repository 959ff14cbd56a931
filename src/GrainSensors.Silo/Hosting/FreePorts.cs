using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Silo.Hosting;

/// <summary>Ports for a silo that only this machine talks to.</summary>
internal static class FreePorts
{
    /// <returns>Different ports of the loopback address on which nobody listens now.</returns>
    public static int[] Find(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
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
}
