namespace GrainSensors.Web.Tests.Access;

internal static class ServerKeys
{
    /// <summary>Gives a server the keys of <see cref="GuardedHost"/>, before its start.</summary>
    public static void UseKeys(this ApiServer server)
    {
        foreach (var (i, options) in new[] { GuardedHost.Reader.Options, GuardedHost.Admin.Options }.Index())
        {
            server.Settings[$"Http:Keys:{i}:Name"] = options.Name;
            server.Settings[$"Http:Keys:{i}:Role"] = $"{options.Role}";
            server.Settings[$"Http:Keys:{i}:Hash"] = options.Hash;
        }
    }
}
