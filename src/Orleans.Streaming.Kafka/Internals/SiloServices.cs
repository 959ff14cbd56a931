using Microsoft.Extensions.DependencyInjection;
using Orleans.Streaming.Kafka.Internals.Handshakes;

namespace Orleans.Streaming.Kafka.Internals;

/// <summary>What the provider uses of its silo; a client has none of it.</summary>
internal sealed record SiloServices(SiloAddress Address, OrleansInstruments Instruments, FirstHandshakes Handshakes)
{
    public static SiloServices Of(IServiceProvider services) => new(
        services.GetRequiredService<ILocalSiloDetails>().SiloAddress,
        services.GetRequiredService<OrleansInstruments>(),
        services.GetRequiredService<FirstHandshakes>());
}
