using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.GrainReferences;
using Orleans.Serialization;
using Orleans.Streaming.Kafka;
using Orleans.Streaming.Kafka.Internals;
using Orleans.Streaming.Kafka.Internals.Balancing;
using Orleans.Streaming.Kafka.Internals.Failures;
using Orleans.Streaming.Kafka.Internals.Handshakes;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streams;

namespace Orleans.Hosting;

/// <summary>Registers the services that all Kafka stream providers of a process share.</summary>
internal static class KafkaStreamServices
{
    /// <summary>Wraps the balancer of a provider, so that it distributes partitions that appear while silos run.</summary>
    public static void AddQueuesOfNewPartitions(this IServiceCollection services, string name)
    {
        var balancer = services.Last(service => service.ServiceType == typeof(IStreamQueueBalancer) && Equals(service.ServiceKey, name));
        services.AddKeyedTransient<IStreamQueueBalancer>(
            name, (provider, _) => new KafkaQueueBalancer(() => Create(provider, balancer)));
    }

    /// <summary>Bounds the calls for which the pulling agents of a silo stop reading.</summary>
    public static void AddBoundedHandshakes(this IServiceCollection services)
    {
        if (services.All(service => service.ServiceType != typeof(FirstHandshakes)))
        {
            services.AddSingleton<FirstHandshakes>();

            // Orleans takes the first of these services that knows an interface.
            services.Insert(0, ServiceDescriptor.Singleton<IGrainReferenceActivatorProvider, SubscriberReferences>());
        }
    }

    /// <summary>Adds the client configuration that <see cref="KafkaStreamOptions.ServiceKey"/> names.</summary>
    private static void AddClient(KafkaStreamOptions options, IServiceProvider services)
    {
        if (options.ServiceKey is not { } key)
        {
            return;
        }

        var client = services.GetKeyedService<ClientConfig>(key) ?? throw new OrleansConfigurationException(
            $"{nameof(options.ServiceKey)} must be the key of a {nameof(ClientConfig)} in the services of the host; got \"{key}\".");
        foreach (var (name, value) in client)
        {
            options.Client.TryAdd(name, value);
        }

        if (options.BootstrapServers.Length == 0)
        {
            options.BootstrapServers = client.BootstrapServers ?? "";
        }
        else
        {
            options.Client.Remove("bootstrap.servers");
        }
    }

    private static IStreamQueueBalancer Create(IServiceProvider services, ServiceDescriptor balancer) =>
        (IStreamQueueBalancer)(balancer.KeyedImplementationFactory?.Invoke(services, balancer.ServiceKey)
            ?? balancer.KeyedImplementationInstance
            ?? ActivatorUtilities.CreateInstance(services, balancer.KeyedImplementationType!));

    public static void AddKafkaStreamServices(this IServiceCollection services, string name)
    {
        services.ConfigureNamedOptionForLogging<KafkaStreamOptions>(name);
        services.AddOptions<KafkaStreamOptions>(name).PostConfigure<IServiceProvider>(AddClient);
        services.TryAddSingleton<EventCodec>();
        services.TryAddKeyedSingleton<IKafkaMessageFormat>(JsonMessageFormat.Name, (_, _) => new JsonMessageFormat());
        services.TryAddKeyedSingleton<IKafkaMessageFormat>(BytesMessageFormat.Name, (_, _) => new BytesMessageFormat());
        services.TryAddKeyedSingleton<IMessageOrigin>(name, (provider, _) => new MessageOrigin(provider, name));
        services.TryAddKeyedSingleton<IKafkaStreamProducer>(
            name, (provider, _) => new DirectProducer(provider, name, provider.GetRequiredService<DeepCopier>()));
        if (services.All(service => service.ServiceType != typeof(DeliveryErrors)))
        {
            services.AddSingleton<DeliveryErrors>();
            services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<DeliveryErrors>());

            // The filters are independent of the application's log levels for Orleans.
            services.AddLogging(logging => logging
                .AddFilter<DeliveryErrors>(null, LogLevel.None)
                .AddFilter<DeliveryErrors>(DeliveryErrors.Category, LogLevel.Warning));
        }
    }
}
