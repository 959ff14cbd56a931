using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Streaming.Kafka;

namespace Orleans.Hosting;

/// <summary>What is configured of Kafka streams, in silos and in clients alike.</summary>
public static class KafkaStreamConfiguratorExtensions
{
    /// <summary>Says which Kafka, which topics, and how they are used.</summary>
    public static TConfigurator ConfigureKafka<TConfigurator>(this TConfigurator configurator, Action<KafkaStreamOptions> configure)
        where TConfigurator : IPersistentStreamConfigurator =>
        configurator.ConfigureKafka((OptionsBuilder<KafkaStreamOptions> options) => options.Configure(configure));

    /// <inheritdoc cref="ConfigureKafka{TConfigurator}(TConfigurator, Action{KafkaStreamOptions})"/>
    public static TConfigurator ConfigureKafka<TConfigurator>(this TConfigurator configurator, Action<OptionsBuilder<KafkaStreamOptions>> configure)
        where TConfigurator : IPersistentStreamConfigurator
    {
        configurator.Configure(configure);
        return configurator;
    }

    /// <summary>Says how the format <c>json</c> reads and writes, for all providers of the process.</summary>
    public static TConfigurator ConfigureJson<TConfigurator>(this TConfigurator configurator, JsonSerializerOptions options)
        where TConfigurator : IPersistentStreamConfigurator => configurator.AddFormat(JsonMessageFormat.Name, new JsonMessageFormat(options));

    /// <summary>Adds a format that <see cref="KafkaTopicOptions.Format"/> may name, for all providers of the process. Subscribers in other processes need it, too.</summary>
    public static TConfigurator AddFormat<TConfigurator>(this TConfigurator configurator, string name, IKafkaMessageFormat format)
        where TConfigurator : IPersistentStreamConfigurator
    {
        configurator.ConfigureDelegate(services => services.AddKeyedSingleton(name, format));
        return configurator;
    }
}
