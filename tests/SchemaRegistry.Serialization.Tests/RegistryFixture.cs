using Confluent.SchemaRegistry;
using GrainSensors.Tests.Shared.Registry;

namespace SchemaRegistry.Serialization.Tests;

/// <summary>A registry and a client of it, for one test.</summary>
internal sealed class RegistryFixture : IAsyncDisposable
{
    private RegistryFixture(RegistryDouble registry, string? user)
    {
        Registry = registry;
        Client = new CachedSchemaRegistryClient(new SchemaRegistryConfig
        {
            Url = registry.Url,
            BasicAuthUserInfo = user,
            MaxRetries = 1,
            RequestTimeoutMs = 5000,
        });
    }

    public RegistryDouble Registry { get; }

    public ISchemaRegistryClient Client { get; }

    public static async Task<RegistryFixture> StartAsync(string? user = null) => new(await RegistryDouble.StartAsync(), user);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Registry.DisposeAsync();
    }
}
