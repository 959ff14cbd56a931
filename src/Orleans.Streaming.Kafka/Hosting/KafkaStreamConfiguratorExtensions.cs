using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Streaming.Kafka;

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
        where TConfigurator : IPersistentStreamConfigurator =>
        configurator.ConfigureKafka((OptionsBuilder<KafkaStreamOptions> options) => options.Configure(configure));

    /// <inheritdoc cref="ConfigureKafka{TConfigurator}(TConfigurator, Action{KafkaStreamOptions})"/>
    public static TConfigurator ConfigureKafka<TConfigurator>(
        this TConfigurator configurator, Action<OptionsBuilder<KafkaStreamOptions>> configure)
        where TConfigurator : IPersistentStreamConfigurator
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
        where TConfigurator : IPersistentStreamConfigurator =>
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
        where TConfigurator : IPersistentStreamConfigurator
    {
        configurator.ConfigureDelegate(services => services.AddKeyedSingleton(name, format));
        return configurator;
    }
}
