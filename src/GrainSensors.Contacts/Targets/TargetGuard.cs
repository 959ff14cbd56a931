using System.Net;
using System.Net.Sockets;

namespace GrainSensors.Contacts.Targets;

/// <summary>
/// Connects to targets that are configured by others, and refuses link-local addresses and those where clouds serve the credentials of
/// machines. It checks the addresses that it connects to, so a name that resolves to one of them is refused too.
/// </summary>
public static class TargetGuard
{
    private static readonly IPNetwork[] Refused =
    [
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("fe80::/10"),

        // Metadata services outside of the link-local networks: of AWS by IPv6, of Alibaba, and of Azure's hosts.
        IPNetwork.Parse("fd00:ec2::254/128"),
        IPNetwork.Parse("100.100.100.200/32"),
        IPNetwork.Parse("168.63.129.16/32"),
    ];

    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    public static bool IsRefused(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }
        else if (address.AddressFamily == AddressFamily.InterNetworkV6 && Translated.Contains(address))
        {
            address = new(address.GetAddressBytes().AsSpan(12));
        }

        // A zone id is no part of the network.
        var plain = address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;
        return Array.Exists(Refused, network => network.Contains(plain));
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken);

    /// <returns>The addresses of the host. A client must connect to one of them and not to the name.</returns>
    /// <exception cref="RefusedTargetException">An address of the host is refused.</exception>
    /// <exception cref="SocketException">The host is unknown.</exception>
    public static async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken);
        return Array.Exists(addresses, IsRefused) ? throw new RefusedTargetException(host) : addresses;
    }

    /// <returns>The connection; its disposal closes the socket.</returns>
    /// <exception cref="RefusedTargetException">An address of the host is refused.</exception>
    /// <exception cref="SocketException">The host is unknown, or no address of it accepts the connection.</exception>
    public static async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        SocketException? failure = null;
        foreach (var address in await ResolveAsync(host, cancellationToken))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                failure = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }
}

/// <summary>A target has an address that is refused.</summary>
public sealed class RefusedTargetException(string host)
    : Exception($"The host {host} has a link-local address or that of a metadata service; such targets are refused.");
