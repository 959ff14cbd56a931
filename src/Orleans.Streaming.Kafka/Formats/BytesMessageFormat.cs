using System.Text;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// The format <c>bytes</c>: the value of a message is the event itself. Its stream types are <c>byte[]</c>,
/// <see cref="ReadOnlyMemory{T}"/> of bytes, and <see cref="string"/> in UTF-8.
/// </summary>
public sealed class BytesMessageFormat : IKafkaMessageFormat
{
    internal const string Name = "bytes";

    /// <summary>Whether subscribers receive a message without a value, a tombstone, as null.</summary>
    public bool ReadsTombstones { get; init; }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The stream has another type.</exception>
    public byte[] Serialize<T>(T item) => item switch
    {
        byte[] bytes => bytes,
        ReadOnlyMemory<byte> memory => memory.ToArray(),
        string text => Encoding.UTF8.GetBytes(text),
        _ => throw Unsupported<T>(),
    };

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The stream has another type.</exception>
    public T Deserialize<T>(ReadOnlyMemory<byte> value)
    {
        if (typeof(T) == typeof(byte[]) || typeof(T) == typeof(object))
        {
            return (T)(object)value.ToArray();
        }

        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            return (T)(object)value;
        }

        return typeof(T) == typeof(string) ? (T)(object)Encoding.UTF8.GetString(value.Span) : throw Unsupported<T>();
    }

    private static NotSupportedException Unsupported<T>() => new(
        $"The format \"{Name}\" does not support {typeof(T)}; use a stream of byte[], ReadOnlyMemory<byte> or string, or another format.");
}
