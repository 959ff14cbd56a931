namespace Orleans.Streaming.Kafka;

/// <summary>Converts events to message values and back, for a topic shared with other applications. An event is a message.</summary>
/// <remarks>
/// A message that the format cannot read becomes a dead letter at once, because a retry would fail as well. Two exceptions are left to
/// the retries of the pulling agent: <see cref="System.NotSupportedException"/> for a type that the format does not support, and
/// <see cref="KafkaFormatUnavailableException"/> for a format that cannot read any message now.
/// </remarks>
public interface IKafkaMessageFormat
{
    /// <summary>
    /// Whether subscribers receive a message without a value, a tombstone, as null. Otherwise the provider skips tombstones.
    /// </summary>
    bool ReadsTombstones => false;

    /// <summary>Whether <see cref="PrepareAsync"/> is called before the delivery of messages.</summary>
    bool NeedsPreparation => false;

    /// <summary>Converts an event to the value of a message.</summary>
    /// <typeparam name="T">The type of the stream.</typeparam>
    /// <param name="item">The event.</param>
    /// <returns>The value of the message.</returns>
    byte[] Serialize<T>(T item);

    /// <summary>Converts the value of a message to an event.</summary>
    /// <typeparam name="T">The type of the subscriber's stream; <see cref="object"/> for a stream filter.</typeparam>
    /// <param name="value">The value of the message.</param>
    /// <returns>The event.</returns>
    T Deserialize<T>(ReadOnlyMemory<byte> value);

    /// <summary>
    /// Converts an event to the value of a message, with its topic, key and headers at hand. The format may add headers. By default it is
    /// <see cref="Serialize{T}(T)"/>, and an event that is null is a tombstone if <see cref="ReadsTombstones"/> is true.
    /// </summary>
    /// <typeparam name="T">The type of the stream.</typeparam>
    /// <param name="item">The event.</param>
    /// <param name="context">The topic, the key and the headers of the message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value of the message; null for a tombstone.</returns>
    ValueTask<byte[]?> SerializeAsync<T>(T item, KafkaMessageContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(item is null && ReadsTombstones ? null : Serialize(item));

    /// <summary>
    /// Gets what the format needs to read a message, such as its schema. The silo that reads the partition calls it before it delivers the
    /// message, if <see cref="NeedsPreparation"/> is true. A message that cannot be read is not an error here; its delivery reports it.
    /// </summary>
    /// <param name="value">The value of the message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the format can read the message.</returns>
    /// <exception cref="KafkaFormatUnavailableException">
    /// The format cannot read any message now. The partition waits at this message, and the call is repeated.
    /// </exception>
    ValueTask PrepareAsync(ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Converts the value of a message to an event, with its topic, key and headers at hand. By default it is
    /// <see cref="Deserialize{T}(ReadOnlyMemory{byte})"/>.
    /// </summary>
    /// <typeparam name="T">The type of the subscriber's stream; <see cref="object"/> for a stream filter.</typeparam>
    /// <param name="value">The value of the message.</param>
    /// <param name="context">The topic, the key and the headers of the message.</param>
    /// <returns>The event.</returns>
    T Deserialize<T>(ReadOnlyMemory<byte> value, KafkaMessageContext context) => Deserialize<T>(value);
}
