using System.Text.Json;

namespace Orleans.Streaming.Kafka;

/// <summary>The format <c>json</c>: JSON by System.Text.Json.</summary>
/// <param name="options">Serializer options; null means those for the web, with camel case and numbers in strings allowed.</param>
public sealed class JsonMessageFormat(JsonSerializerOptions? options = null) : IKafkaMessageFormat
{
    internal const string Name = "json";

    private readonly JsonSerializerOptions _options = options ?? JsonSerializerOptions.Web;

    /// <inheritdoc/>
    public byte[] Serialize<T>(T item) => JsonSerializer.SerializeToUtf8Bytes(item, _options);

    /// <inheritdoc/>
    /// <exception cref="JsonException">The value is not JSON of this type.</exception>
    public T Deserialize<T>(ReadOnlyMemory<byte> value) => JsonSerializer.Deserialize<T>(value.Span, _options)
        ?? throw new JsonException($"The value of a message must be a {typeof(T).Name}; got the JSON value null.");
}
