using System.Security.Claims;
using GrainSensors.Hosting.Access;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Access;

/// <summary>The sender of a request, for the audit log. The connection of a console page has the claims of its first request.</summary>
internal static class AccessActor
{
    private const string AddressClaim = "grainsensors-address";

    public static AuditActor Of(ClaimsPrincipal user) => new(user.Identity?.Name ?? "", user.FindFirst(AddressClaim)?.Value ?? "");

    public static Claim Address(HttpContext context) => new(AddressClaim, AddressOf(context));

    /// <returns>The address of the client; behind a known proxy the one that the proxy names.</returns>
    public static string AddressOf(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        return $"{(address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)}";
    }
}
