using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;

[assembly: RegisterProvider("Kafka", "Streaming", "Silo", typeof(KafkaStreamProviderBuilder))]
[assembly: RegisterProvider("Kafka", "Streaming", "Client", typeof(KafkaStreamProviderBuilder))]

namespace Orleans.Hosting;

/// <summary>Adds the providers of the configuration: <c>Orleans:Streaming:NAME</c> with the <c>ProviderType</c> <c>Kafka</c>.</summary>
internal sealed class KafkaStreamProviderBuilder : IProviderBuilder<ISiloBuilder>, IProviderBuilder<IClientBuilder>
{
    /// <summary>Section with the options of Orleans' pulling agents.</summary>
    private const string PullingAgent = "PullingAgent";

    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.AddKafkaStreams(name!, streams =>
        {
            streams.ConfigureKafka((OptionsBuilder<KafkaStreamOptions> options) => options.Bind(configurationSection));
            streams.ConfigurePullingAgent(options => options.Bind(configurationSection.GetSection(PullingAgent)));
        });

    public void Configure(IClientBuilder builder, string? name, IConfigurationSection configurationSection) => builder.AddKafkaStreams(
        name!, streams => streams.ConfigureKafka((OptionsBuilder<KafkaStreamOptions> options) => options.Bind(configurationSection)));
}
