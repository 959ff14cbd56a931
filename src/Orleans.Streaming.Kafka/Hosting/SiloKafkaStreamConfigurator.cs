using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals;

namespace Orleans.Hosting;

/// <summary>Configures a Kafka stream provider of a silo.</summary>
public sealed class SiloKafkaStreamConfigurator : SiloPersistentStreamConfigurator, IKafkaStreamConfigurator
{
    /// <summary>Pause between two requests of an agent. It is short, because a receiver waits for messages itself.</summary>
    private static readonly TimeSpan AgentPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Registers the provider.</summary>
    /// <param name="name">The name of the stream provider.</param>
    /// <param name="configureDelegate">Configures the services of the silo.</param>
    public SiloKafkaStreamConfigurator(string name, Action<Action<IServiceCollection>> configureDelegate)
        : base(name, configureDelegate, KafkaAdapterFactory.CreateForSilo)
    {
        ConfigureDelegate(services =>
        {
            services.AddKafkaStreamServices(name);
            services.AddBoundedHandshakes();
            services.AddSingleton(provider => KafkaStreamOptionsValidator.Create(provider, name));
        });
        this.UseConsistentRingQueueBalancer();
        this.ConfigurePullingAgent(options => options.Configure(agent => agent.GetQueueMsgsTimerPeriod = AgentPause));
    }
}
