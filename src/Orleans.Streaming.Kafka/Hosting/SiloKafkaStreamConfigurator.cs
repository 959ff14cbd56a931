using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals;

namespace Orleans.Hosting;

/// <summary>Configures Kafka streams in a silo.</summary>
public sealed class SiloKafkaStreamConfigurator : SiloPersistentStreamConfigurator
{
    /// <summary>A receiver waits for messages by itself, so the agent need not wait between its questions.</summary>
    private static readonly TimeSpan AgentPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Configures the provider of a name.</summary>
    public SiloKafkaStreamConfigurator(string name, Action<Action<IServiceCollection>> configureDelegate)
        : base(name, configureDelegate, KafkaAdapterFactory.Create)
    {
        ConfigureDelegate(services =>
        {
            services.AddKafkaStreamServices(name);
            services.AddSingleton(provider => KafkaStreamOptionsValidator.Create(provider, name));
        });
        this.ConfigurePullingAgent(options => options.Configure(agent => agent.GetQueueMsgsTimerPeriod = AgentPause));
    }
}
