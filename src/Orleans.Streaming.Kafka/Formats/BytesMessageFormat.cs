using System.Text;

namespace Orleans.Streaming.Kafka;

/// <summary>The bytes as they are; the format <c>bytes</c>. Its streams are of <c>byte[]</c>, <see cref="ReadOnlyMemory{T}"/> of bytes, or text in UTF-8.</summary>
public sealed class BytesMessageFormat : IKafkaMessageFormat
{
    internal const string Name = "bytes";

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The stream is of another type.</exception>
    public byte[] Serialize<T>(T item) => item switch
    {
        byte[] bytes => bytes,
        ReadOnlyMemory<byte> memory => memory.ToArray(),
        string text => Encoding.UTF8.GetBytes(text),
        _ => throw Unsupported<T>(),
    };

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The stream is of another type.</exception>
    public T Deserialize<T>(ReadOnlyMemory<byte> value)
    {
        object item = typeof(T) == typeof(string) ? Encoding.UTF8.GetString(value.Span)
            : typeof(T) == typeof(ReadOnlyMemory<byte>) ? value
            : typeof(T) == typeof(byte[]) || typeof(T) == typeof(object) ? value.ToArray()
            : throw Unsupported<T>();
        return (T)item;
    }

    private static NotSupportedException Unsupported<T>() =>
        new($"The format \"{Name}\" has no way for {typeof(T)}; use a stream of byte[], ReadOnlyMemory<byte> or string, or another format.");
}
