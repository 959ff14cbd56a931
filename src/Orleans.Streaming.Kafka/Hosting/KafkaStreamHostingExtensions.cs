namespace Orleans.Hosting;

/// <summary>Adds Kafka streams to silos and clients.</summary>
public static class KafkaStreamHostingExtensions
{
    /// <summary>Adds a stream provider that keeps its streams in Kafka.</summary>
    /// <param name="name">By which the application asks for it.</param>
    public static ISiloBuilder AddKafkaStreams(this ISiloBuilder builder, string name, Action<SiloKafkaStreamConfigurator> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        configure(new(name, services => builder.ConfigureServices(services)));
        return builder;
    }

    /// <summary>Adds a stream provider that keeps all its streams in one topic of its own.</summary>
    /// <param name="bootstrapServers"><c>host:port</c>, several separated by commas.</param>
    /// <inheritdoc cref="AddKafkaStreams(ISiloBuilder, string, Action{SiloKafkaStreamConfigurator})"/>
    public static ISiloBuilder AddKafkaStreams(this ISiloBuilder builder, string name, string bootstrapServers) =>
        builder.AddKafkaStreams(name, streams => streams.ConfigureKafka(options => options.BootstrapServers = bootstrapServers));

    /// <inheritdoc cref="AddKafkaStreams(ISiloBuilder, string, Action{SiloKafkaStreamConfigurator})"/>
    public static IClientBuilder AddKafkaStreams(this IClientBuilder builder, string name, Action<ClusterClientKafkaStreamConfigurator> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        configure(new(name, builder));
        return builder;
    }

    /// <inheritdoc cref="AddKafkaStreams(ISiloBuilder, string, string)"/>
    public static IClientBuilder AddKafkaStreams(this IClientBuilder builder, string name, string bootstrapServers) =>
        builder.AddKafkaStreams(name, streams => streams.ConfigureKafka(options => options.BootstrapServers = bootstrapServers));
}
