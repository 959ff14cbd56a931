using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Adds Kafka stream providers to silos and clients.</summary>
public static class KafkaStreamHostingExtensions
{
    /// <summary>Adds a stream provider with its streams in Kafka.</summary>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="name">The name of the stream provider.</param>
    /// <param name="configure">Configures the provider.</param>
    /// <returns>The same builder.</returns>
    public static ISiloBuilder AddKafkaStreams(this ISiloBuilder builder, string name, Action<SiloKafkaStreamConfigurator> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        configure(new(name, services => builder.ConfigureServices(services)));
        return builder.ConfigureServices(services => services.AddQueuesOfNewPartitions(name));
    }

    /// <summary>Adds a stream provider with its streams in Kafka.</summary>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="name">The name of the stream provider.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same builder.</returns>
    public static ISiloBuilder AddKafkaStreams(this ISiloBuilder builder, string name, Action<KafkaStreamOptions> configure) =>
        builder.AddKafkaStreams(name, (SiloKafkaStreamConfigurator streams) => streams.ConfigureKafka(configure));

    /// <inheritdoc cref="AddKafkaStreams(ISiloBuilder, string, Action{KafkaStreamOptions})"/>
    public static IClientBuilder AddKafkaStreams(this IClientBuilder builder, string name, Action<KafkaStreamOptions> configure) =>
        builder.AddKafkaStreams(name, (ClusterClientKafkaStreamConfigurator streams) => streams.ConfigureKafka(configure));

    /// <summary>Adds a stream provider with all its streams in one topic.</summary>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="name">The name of the stream provider.</param>
    /// <param name="bootstrapServers">Bootstrap servers, each as <c>host:port</c>, separated by commas.</param>
    /// <returns>The same builder.</returns>
    public static ISiloBuilder AddKafkaStreams(this ISiloBuilder builder, string name, string bootstrapServers) =>
        builder.AddKafkaStreams(name, (KafkaStreamOptions options) => options.BootstrapServers = bootstrapServers);

    /// <inheritdoc cref="AddKafkaStreams(ISiloBuilder, string, Action{SiloKafkaStreamConfigurator})"/>
    public static IClientBuilder AddKafkaStreams(
        this IClientBuilder builder, string name, Action<ClusterClientKafkaStreamConfigurator> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        configure(new(name, builder));
        return builder;
    }

    /// <inheritdoc cref="AddKafkaStreams(ISiloBuilder, string, string)"/>
    public static IClientBuilder AddKafkaStreams(this IClientBuilder builder, string name, string bootstrapServers) =>
        builder.AddKafkaStreams(name, (KafkaStreamOptions options) => options.BootstrapServers = bootstrapServers);
}
