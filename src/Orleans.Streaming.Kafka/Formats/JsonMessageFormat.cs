using System.Text.Json;

namespace Orleans.Streaming.Kafka;

/// <summary>JSON by System.Text.Json; the format <c>json</c>.</summary>
/// <param name="options">Null: those of the web: camel case, numbers may be text.</param>
public sealed class JsonMessageFormat(JsonSerializerOptions? options = null) : IKafkaMessageFormat
{
    internal const string Name = "json";

    private readonly JsonSerializerOptions _options = options ?? JsonSerializerOptions.Web;

    /// <inheritdoc/>
    public byte[] Serialize<T>(T item) => JsonSerializer.SerializeToUtf8Bytes(item, _options);

    /// <inheritdoc/>
    /// <exception cref="JsonException">The value is no such JSON.</exception>
    public T Deserialize<T>(ReadOnlyMemory<byte> value) => JsonSerializer.Deserialize<T>(value.Span, _options)
        ?? throw new JsonException($"The message is the JSON value null where a {typeof(T).Name} is expected.");
}
