using GrainSensors.Hosting.Configuration;
using GrainSensors.Storage.Access;
using Microsoft.Extensions.DependencyInjection;

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

    /// <summary>Adds a device key to the store of a server that runs, and waits until the server knows it.</summary>
    /// <returns>The key.</returns>
    public static async Task<string> AddDeviceKeyAsync(this ApiServer server, KeyScope scope, string name = "device")
    {
        var (key, stored) = MakeDevice(name, scope);
        var (known, keys) = (server.Services.GetRequiredService<AccessRules>().DeviceKeys, server.Store.Access.DeviceKeys);
        Assert.True(await keys.AddAsync(stored, TestContext.Current.CancellationToken));
        await Until.Async(
            async () => await known.ReadAsync(keys, TestContext.Current.CancellationToken) is null && known.Find(key) is not null,
            () => "the silo does not know the key",
            TimeSpan.FromSeconds(30));
        return key;
    }

    public static (string Key, StoredDeviceKey Stored) MakeDevice(string name, KeyScope scope)
    {
        var key = AccessKey.GenerateForDevice();
        return (key, new(name, Convert.ToHexStringLower(AccessKey.HashOf(key)), scope, 0, "root", null));
    }
}
