using System.Text.Json;
using Confluent.SchemaRegistry;
using GrainSensors.Sources.Configuration;
using SchemaRegistry.Serialization;

namespace GrainSensors.Sources.Schemas;

/// <summary>The schemas of one type in a registry, for all sources that use them. Threads share it.</summary>
internal sealed class RegisteredSchemas : IDisposable
{
    /// <summary>Partitions ask at the same time, each for a few schemas.</summary>
    private const int MaxLookups = 1000;

    private const int RequestTimeoutMs = 10_000;

    private readonly CachedSchemaRegistryClient _client;
    private readonly SchemaMessageConverter _converter;
    private readonly string _url;

    /// <exception cref="SourceOptionsException">An option is wrong.</exception>
    public RegisteredSchemas(SchemaRegistryOptions options, SchemaType type, TimeProvider clock)
    {
        _url = options.Url;
        _client = ClientOf(options);
        _converter = new(_client, type, new() { MaxLookups = MaxLookups }, clock);
    }

    /// <inheritdoc cref="SchemaMessageConverter.StateOf"/>
    public SchemaState StateOf(ReadOnlySpan<byte> message, out int schemaId, out string? reason) =>
        _converter.StateOf(message, out schemaId, out reason);

    /// <inheritdoc cref="SchemaMessageConverter.WriteJson"/>
    public void WriteJson(ReadOnlySpan<byte> message, Utf8JsonWriter json) => _converter.WriteJson(message, json);

    /// <summary>Asks the registry for all schemas at the same time.</summary>
    /// <exception cref="SchemasUnavailableException">The registry does not answer.</exception>
    public async Task FetchAsync(IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(ids.Select(id => _converter.PrepareAsync(id, cancellationToken).AsTask()));
        }
        catch (SchemaRegistryUnavailableException e)
        {
            throw new SchemasUnavailableException($"Schema registry {_url}: {e.Message}", e);
        }
    }

    public void Dispose() => _client.Dispose();

    private static CachedSchemaRegistryClient ClientOf(SchemaRegistryOptions options)
    {
        try
        {
            return new(new SchemaRegistryConfig
            {
                Url = options.Url,
                BasicAuthUserInfo = Given(options.BasicAuthUserInfo),
                SslCaLocation = Given(options.SslCaLocation),

                // Partitions try again by themselves, and readers of one message say at once that the registry is away.
                MaxRetries = 1,
                RequestTimeoutMs = RequestTimeoutMs,
            });
        }
        catch (Exception e) when (!string.IsNullOrEmpty(options.SslCaLocation))
        {
            throw new SourceOptionsException(
                $"{nameof(SourceOptions.SchemaRegistry)}:{nameof(SchemaRegistryOptions.SslCaLocation)}",
                $"must be a PEM file with a certificate; \"{options.SslCaLocation}\" cannot be used: {e.Message.TrimEnd('.')}");
        }
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
