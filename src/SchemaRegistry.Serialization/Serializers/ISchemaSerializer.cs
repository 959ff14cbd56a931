namespace SchemaRegistry.Serialization;

/// <summary>
/// Converts objects to messages in the format of Confluent's schema registry and back. A message names its schema by the registry's id.
/// </summary>
/// <remarks>
/// Schemas and their ids are cached. While they are in the cache, each method completes synchronously; otherwise it waits for the
/// registry without blocking a thread. Look-ups of a schema by several callers share one request, which a cancelled caller does not end.
/// </remarks>
public interface ISchemaSerializer
{
    /// <summary>Converts an object to a message. The schema is registered or looked up first.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="item">The object.</param>
    /// <param name="topic">The topic of the message. With the name of the schema it determines the subject in the registry.</param>
    /// <param name="cancellationToken">Ends the wait for the registry.</param>
    /// <returns>The message.</returns>
    /// <exception cref="SchemaFormatException">The registry refuses the schema, or the object does not match it.</exception>
    /// <exception cref="SchemaRegistryUnavailableException">The registry does not answer now.</exception>
    /// <exception cref="NotSupportedException">The serializer does not support the type.</exception>
    ValueTask<byte[]> SerializeAsync<T>(T item, string topic, CancellationToken cancellationToken = default);

    /// <summary>Converts a message to an object.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait for the registry.</param>
    /// <returns>The object.</returns>
    /// <exception cref="SchemaFormatException">No retry can read the message.</exception>
    /// <exception cref="SchemaRegistryUnavailableException">The registry does not answer now; a retry may succeed.</exception>
    /// <exception cref="NotSupportedException">The serializer does not support the type.</exception>
    ValueTask<T> DeserializeAsync<T>(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default);

    /// <summary>Gets the schema of a message, so that <see cref="DeserializeAsync"/> completes synchronously afterwards.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait for the registry.</param>
    /// <returns>A task that completes when the schema is in the cache.</returns>
    /// <exception cref="SchemaFormatException">No retry can read the message.</exception>
    /// <exception cref="SchemaRegistryUnavailableException">The registry does not answer now; a retry may succeed.</exception>
    ValueTask PrepareAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default);
}
