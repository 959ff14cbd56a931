using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Streaming.Kafka.Internals;

/// <summary>What the provider uses of its silo; a client has none of it.</summary>
internal sealed record SiloServices(SiloAddress Address, OrleansInstruments Instruments)
{
    public static SiloServices Of(IServiceProvider services) => new(
        services.GetRequiredService<ILocalSiloDetails>().SiloAddress, services.GetRequiredService<OrleansInstruments>());
}
