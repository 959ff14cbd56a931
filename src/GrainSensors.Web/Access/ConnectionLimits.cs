using System.Collections.Concurrent;
using System.Net;
using GrainSensors.Hosting.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Access;

/// <summary>Closes connections of an address that has too many, before anything of a request is read.</summary>
internal sealed class ConnectionLimits(AccessRules rules)
{
    private readonly ConcurrentDictionary<IPAddress, int> _open = [];

    /// <summary>Must be called for each address on which Kestrel listens.</summary>
    public static void Use(ListenOptions listen)
    {
        var limits = listen.ApplicationServices.GetRequiredService<ConnectionLimits>();
        listen.Use(next => connection => limits.LimitAsync(next, connection));
    }

    private async Task LimitAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (address is null || rules.Proxies.Any(network => network.Contains(Plain(address))))
        {
            await next(connection);
            return;
        }

        var client = ClientAddress.LimitedAs(address);
        try
        {
            if (_open.AddOrUpdate(client, 1, (_, count) => count + 1) <= rules.Limits.MaxConnectionsPerAddress)
            {
                await next(connection);
            }
            else
            {
                connection.Abort(new("The address has too many connections."));
            }
        }
        finally
        {
            Close(client);
        }
    }

    private void Close(IPAddress client)
    {
        if (_open.AddOrUpdate(client, 0, (_, count) => count - 1) <= 0)
        {
            _open.TryRemove(new(client, 0));
        }
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
