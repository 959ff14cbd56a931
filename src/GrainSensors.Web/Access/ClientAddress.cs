using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Web.Access;

/// <summary>The address by which a client without a key is limited.</summary>
internal static class ClientAddress
{
    /// <summary>A provider gives a customer a whole network of this prefix, 2⁶⁴ addresses.</summary>
    private const int NetworkBytes = 8;

    /// <returns>An IPv4 address, or the /64 network of an IPv6 address.</returns>
    public static IPAddress LimitedAs(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new(bytes);
    }
}
