using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals;

namespace Orleans.Hosting;

/// <summary>Configures Kafka streams in a client.</summary>
public sealed class ClusterClientKafkaStreamConfigurator : ClusterClientPersistentStreamConfigurator
{
    /// <summary>Configures the provider of a name.</summary>
    public ClusterClientKafkaStreamConfigurator(string name, IClientBuilder builder)
        : base(name, builder, KafkaAdapterFactory.Create) => ConfigureDelegate(services =>
        {
            services.AddKafkaStreamServices(name);
            services.AddSingleton(provider => KafkaStreamOptionsValidator.Create(provider, name));
        });
}
