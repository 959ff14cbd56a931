using System.Net;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The networks of <see cref="HttpOptions.KnownProxies"/>.</summary>
internal static class ProxyNetworks
{
    /// <param name="text">Valid addresses and networks.</param>
    public static IReadOnlyList<IPNetwork> Parse(string text) => [.. Parts(text).Select(part => TryParse(part)!.Value)];

    /// <returns>The parts that are neither an address nor a network.</returns>
    public static IEnumerable<string> Invalid(string text) => Parts(text).Where(part => TryParse(part) is null);

    private static string[] Parts(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static IPNetwork? TryParse(string part) =>
        IPAddress.TryParse(part, out var address) ? new IPNetwork(address, 8 * address.GetAddressBytes().Length)
        : IPNetwork.TryParse(part, out var network) ? network
        : null;
}
