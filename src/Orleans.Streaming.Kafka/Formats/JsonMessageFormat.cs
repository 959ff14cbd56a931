using System.Text.Json;

namespace Orleans.Streaming.Kafka;

/// <summary>The format <c>json</c>: JSON by System.Text.Json.</summary>
/// <param name="options">Serializer options; null means those for the web, with camel case and numbers in strings allowed.</param>
public sealed class JsonMessageFormat(JsonSerializerOptions? options = null) : IKafkaMessageFormat
{
    internal const string Name = "json";

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly JsonSerializerOptions _options = options ?? new(JsonSerializerDefaults.Web);

    /// <summary>Whether subscribers receive a message without a value, a tombstone, as null.</summary>
    public bool ReadsTombstones { get; init; }

    /// <inheritdoc/>
    public byte[] Serialize<T>(T item) => JsonSerializer.SerializeToUtf8Bytes(item, _options);

    /// <inheritdoc/>
    /// <exception cref="JsonException">The value is not JSON of this type.</exception>
    public T Deserialize<T>(ReadOnlyMemory<byte> value) => JsonSerializer.Deserialize<T>(WithoutMark(value.Span), _options)
        ?? throw new JsonException($"The value of a message must be a {typeof(T).Name}; got the JSON value null.");

    /// <summary>Removes the byte order mark that some applications write before the text.</summary>
    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> value) =>
        value.StartsWith(ByteOrderMark) ? value[ByteOrderMark.Length..] : value;
}
