using Confluent.SchemaRegistry;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.SchemaRegistry;
using SchemaRegistry.Serialization;

namespace Orleans.Hosting;

/// <summary>Adds formats with a schema registry to Kafka stream providers of silos and clients.</summary>
public static class SchemaRegistryStreamExtensions
{
    /// <summary>The name of the Avro format, for <see cref="KafkaTopicOptions.Format"/>.</summary>
    public const string Avro = "avro";

    /// <summary>The name of the format of JSON with a schema, for <see cref="KafkaTopicOptions.Format"/>.</summary>
    public const string JsonSchema = "json-schema";

    /// <summary>The name of the Protobuf format, for <see cref="KafkaTopicOptions.Format"/>.</summary>
    public const string Protobuf = "protobuf";

    private const int RequestTimeoutMs = 10_000;

    /// <summary>Adds a format of Avro messages, for all providers of the process. Subscribers in other processes need it too.</summary>
    /// <typeparam name="TConfigurator">The type of the configurator.</typeparam>
    /// <param name="configurator">The configurator of the provider.</param>
    /// <param name="registry">Addresses, TLS and credentials of the registry.</param>
    /// <param name="configure">Sets the options of the format.</param>
    /// <param name="name">The name of the format.</param>
    /// <returns>The same configurator.</returns>
    public static TConfigurator UseAvroSchemaRegistry<TConfigurator>(
        this TConfigurator configurator, SchemaRegistryConfig registry, Action<AvroSchemaSerializerOptions>? configure = null,
        string name = Avro)
        where TConfigurator : IKafkaStreamConfigurator => configurator.AddFormat(name, registry, (client, clock) =>
        {
            var options = new AvroSchemaSerializerOptions();
            configure?.Invoke(options);
            return new AvroSchemaSerializer(client, options, clock);
        });

    /// <summary>
    /// Adds a format of JSON messages with a JSON schema, for all providers of the process. Subscribers in other processes need it too.
    /// </summary>
    /// <inheritdoc cref="UseAvroSchemaRegistry{TConfigurator}"/>
    public static TConfigurator UseJsonSchemaRegistry<TConfigurator>(
        this TConfigurator configurator, SchemaRegistryConfig registry, Action<JsonSchemaSerializerOptions>? configure = null,
        string name = JsonSchema)
        where TConfigurator : IKafkaStreamConfigurator => configurator.AddFormat(name, registry, (client, clock) =>
        {
            var options = new JsonSchemaSerializerOptions();
            configure?.Invoke(options);
            return new JsonSchemaSerializer(client, options, clock);
        });

    /// <summary>Adds a format of Protobuf messages, for all providers of the process. Subscribers in other processes need it too.</summary>
    /// <inheritdoc cref="UseAvroSchemaRegistry{TConfigurator}"/>
    public static TConfigurator UseProtobufSchemaRegistry<TConfigurator>(
        this TConfigurator configurator, SchemaRegistryConfig registry, Action<SchemaSerializerOptions>? configure = null,
        string name = Protobuf)
        where TConfigurator : IKafkaStreamConfigurator => configurator.AddFormat(name, registry, (client, clock) =>
        {
            var options = new SchemaSerializerOptions();
            configure?.Invoke(options);
            return new ProtobufSchemaSerializer(client, options, clock);
        });

    private static TConfigurator AddFormat<TConfigurator>(
        this TConfigurator configurator, string name, SchemaRegistryConfig registry,
        Func<ISchemaRegistryClient, TimeProvider?, ISchemaSerializer> create)
        where TConfigurator : IKafkaStreamConfigurator
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (string.IsNullOrWhiteSpace(registry.Url))
        {
            throw new OrleansConfigurationException(
                $"The format \"{name}\" needs the address of a schema registry; set {nameof(SchemaRegistryConfig.Url)}.");
        }

        // The format tries again by itself, so that a silo learns of an outage soon.
        registry.MaxRetries ??= 1;
        registry.RequestTimeoutMs ??= RequestTimeoutMs;

        // The host disposes the client at its end.
        configurator.ConfigureDelegate(services => services.AddKeyedSingleton<ISchemaRegistryClient>(
            name, (_, _) => new CachedSchemaRegistryClient(registry)));
        return configurator.AddFormat(name, services => new SchemaRegistryMessageFormat(
            create(services.GetRequiredKeyedService<ISchemaRegistryClient>(name), services.GetService<TimeProvider>())));
    }
}
