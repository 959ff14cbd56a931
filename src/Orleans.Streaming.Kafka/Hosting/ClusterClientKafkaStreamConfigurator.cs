using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals;

namespace Orleans.Hosting;

/// <summary>Configures a Kafka stream provider of a client.</summary>
public sealed class ClusterClientKafkaStreamConfigurator : ClusterClientPersistentStreamConfigurator, IKafkaStreamConfigurator
{
    /// <summary>Registers the provider.</summary>
    /// <param name="name">The name of the stream provider.</param>
    /// <param name="builder">The builder of the client.</param>
    public ClusterClientKafkaStreamConfigurator(string name, IClientBuilder builder)
        : base(name, builder, KafkaAdapterFactory.CreateForClient) => ConfigureDelegate(services =>
        {
            services.AddKafkaStreamServices(name);
            services.AddSingleton(provider => KafkaStreamOptionsValidator.Create(provider, name));
        });
}
