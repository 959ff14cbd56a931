using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Streaming.Kafka;
using Orleans.Streams;

namespace Orleans.Hosting;

/// <summary>Configures Kafka stream providers of silos and clients.</summary>
public static class KafkaStreamConfiguratorExtensions
{
    /// <summary>Configures the Kafka cluster, the topics, and how the provider uses them.</summary>
    /// <typeparam name="TConfigurator">The type of the configurator.</typeparam>
    /// <param name="configurator">The configurator of the provider.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same configurator.</returns>
    public static TConfigurator ConfigureKafka<TConfigurator>(this TConfigurator configurator, Action<KafkaStreamOptions> configure)
        where TConfigurator : IKafkaStreamConfigurator =>
        configurator.ConfigureKafka((OptionsBuilder<KafkaStreamOptions> options) => options.Configure(configure));

    /// <inheritdoc cref="ConfigureKafka{TConfigurator}(TConfigurator, Action{KafkaStreamOptions})"/>
    public static TConfigurator ConfigureKafka<TConfigurator>(
        this TConfigurator configurator, Action<OptionsBuilder<KafkaStreamOptions>> configure)
        where TConfigurator : IKafkaStreamConfigurator
    {
        configurator.Configure(configure);
        return configurator;
    }

    /// <summary>Sets the serializer options of the format <c>json</c>, for all providers of the process.</summary>
    /// <typeparam name="TConfigurator">The type of the configurator.</typeparam>
    /// <param name="configurator">The configurator of the provider.</param>
    /// <param name="options">The options of System.Text.Json.</param>
    /// <returns>The same configurator.</returns>
    public static TConfigurator ConfigureJson<TConfigurator>(this TConfigurator configurator, JsonSerializerOptions options)
        where TConfigurator : IKafkaStreamConfigurator =>
        configurator.AddFormat(JsonMessageFormat.Name, new JsonMessageFormat(options));

    /// <summary>
    /// Adds a format for <see cref="KafkaTopicOptions.Format"/>, for all providers of the process. Subscribers in other processes need
    /// the format too.
    /// </summary>
    /// <typeparam name="TConfigurator">The type of the configurator.</typeparam>
    /// <param name="configurator">The configurator of the provider.</param>
    /// <param name="name">The name of the format.</param>
    /// <param name="format">The format.</param>
    /// <returns>The same configurator.</returns>
    public static TConfigurator AddFormat<TConfigurator>(this TConfigurator configurator, string name, IKafkaMessageFormat format)
        where TConfigurator : IKafkaStreamConfigurator
    {
        configurator.ConfigureDelegate(services => services.AddKeyedSingleton(name, format));
        return configurator;
    }

    /// <summary>
    /// Adds a format for <see cref="KafkaTopicOptions.Format"/> that uses services of the host, for all providers of the process.
    /// Subscribers in other processes need the format too.
    /// </summary>
    /// <typeparam name="TConfigurator">The type of the configurator.</typeparam>
    /// <param name="configurator">The configurator of the provider.</param>
    /// <param name="name">The name of the format.</param>
    /// <param name="create">Creates the format.</param>
    /// <returns>The same configurator.</returns>
    public static TConfigurator AddFormat<TConfigurator>(
        this TConfigurator configurator, string name, Func<IServiceProvider, IKafkaMessageFormat> create)
        where TConfigurator : IKafkaStreamConfigurator
    {
        configurator.ConfigureDelegate(services => services.AddKeyedSingleton(name, (provider, _) => create(provider)));
        return configurator;
    }

    /// <summary>Maps streams to topics and keys by code, where the options of the topics do not suffice.</summary>
    /// <typeparam name="TConfigurator">The type of the configurator.</typeparam>
    /// <param name="configurator">The configurator of the provider, of silos and clients.</param>
    /// <param name="create">Creates the mapper.</param>
    /// <returns>The same configurator.</returns>
    public static TConfigurator UseStreamMapper<TConfigurator>(
        this TConfigurator configurator, Func<IServiceProvider, IKafkaStreamMapper> create)
        where TConfigurator : IKafkaStreamConfigurator
    {
        configurator.ConfigureDelegate(services => services.AddKeyedSingleton(configurator.Name, (provider, _) => create(provider)));
        return configurator;
    }

    /// <summary>
    /// Keeps the checkpoints of partitions elsewhere than in Kafka's consumer group. A checkpoint is the next offset of a partition, as a
    /// decimal number; the name of the partition is <c>TOPIC/NUMBER</c>. Without a checkpoint a partition starts at the offset of the
    /// group. Orleans' <c>UseGrainCheckpointer</c> keeps them in grain storage.
    /// </summary>
    /// <param name="configurator">The configurator of the provider.</param>
    /// <param name="create">Creates the factory of checkpointers, with the name of the provider.</param>
    /// <returns>The same configurator.</returns>
    public static SiloKafkaStreamConfigurator UseCheckpointer(
        this SiloKafkaStreamConfigurator configurator, Func<IServiceProvider, string, IStreamQueueCheckpointerFactory> create)
    {
        configurator.ConfigureComponent(create);
        return configurator;
    }

    /// <summary>Sets how long delivered messages stay in memory, and how much memory the cache of a partition takes.</summary>
    /// <typeparam name="TConfigurator">The type of the configurator.</typeparam>
    /// <param name="configurator">The configurator of the provider.</param>
    /// <param name="age">See <see cref="KafkaStreamOptions.CacheAge"/>.</param>
    /// <param name="bytes">See <see cref="KafkaStreamOptions.CacheBytes"/>; null leaves it as it is.</param>
    /// <returns>The same configurator.</returns>
    public static TConfigurator ConfigureCacheEviction<TConfigurator>(this TConfigurator configurator, TimeSpan age, long? bytes = null)
        where TConfigurator : IKafkaStreamConfigurator => configurator.ConfigureKafka((KafkaStreamOptions options) =>
        {
            options.CacheAge = age;
            options.CacheBytes = bytes ?? options.CacheBytes;
        });

    /// <summary>Sets the number of partitions of new topics.</summary>
    /// <typeparam name="TConfigurator">The type of the configurator.</typeparam>
    /// <param name="configurator">The configurator of the provider, after its topics were added.</param>
    /// <param name="partitions">See <see cref="KafkaTopicOptions.Partitions"/>.</param>
    /// <returns>The same configurator.</returns>
    public static TConfigurator ConfigurePartitioning<TConfigurator>(this TConfigurator configurator, int partitions)
        where TConfigurator : IKafkaStreamConfigurator => configurator.ConfigureKafka(
        (OptionsBuilder<KafkaStreamOptions> options) => options.PostConfigure(kafka =>
        {
            foreach (var topic in kafka.Topics)
            {
                topic.Partitions = partitions;
            }
        }));
}
