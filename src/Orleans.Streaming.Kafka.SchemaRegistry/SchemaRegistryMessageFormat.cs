using SchemaRegistry.Serialization;

namespace Orleans.Streaming.Kafka.SchemaRegistry;

/// <summary>
/// A format whose messages name their schema in a registry. While the registry does not answer, a partition waits at the first message
/// with an unknown schema. A message whose schema the registry does not have is a dead letter.
/// </summary>
/// <param name="serializer">Converts the messages.</param>
/// <param name="readsTombstones">Whether subscribers receive a message without a value as null.</param>
public sealed class SchemaRegistryMessageFormat(ISchemaSerializer serializer, bool readsTombstones = false) : IKafkaMessageFormat
{
    /// <inheritdoc/>
    public bool ReadsTombstones => readsTombstones;

    /// <inheritdoc/>
    public bool NeedsPreparation => true;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: the schema depends on the topic.</exception>
    public byte[] Serialize<T>(T item) =>
        throw new NotSupportedException("A format with a schema registry needs the topic of the message; call SerializeAsync.");

    /// <inheritdoc/>
    /// <exception cref="SchemaFormatException">The registry refuses the schema, or the event does not match it.</exception>
    /// <exception cref="KafkaFormatUnavailableException">The registry does not answer.</exception>
    public async ValueTask<byte[]?> SerializeAsync<T>(T item, KafkaMessageContext context, CancellationToken cancellationToken)
    {
        if (item is null && readsTombstones)
        {
            return null;
        }

        try
        {
            return await serializer.SerializeAsync(item, context.Topic, cancellationToken);
        }
        catch (SchemaRegistryUnavailableException e)
        {
            throw new KafkaFormatUnavailableException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        try
        {
            await serializer.PrepareAsync(value, cancellationToken);
        }
        catch (SchemaRegistryUnavailableException e)
        {
            throw new KafkaFormatUnavailableException(e.Message, e);
        }
        catch (SchemaFormatException)
        {
            // The delivery reports it, and makes a dead letter of the message.
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A message is prepared in the silo that reads its partition. In the process of a remote subscriber the first message of a schema
    /// starts the look-up and is delivered again after it, because the call must not block a thread.
    /// </remarks>
    /// <exception cref="SchemaFormatException">No retry can read the message.</exception>
    /// <exception cref="KafkaFormatUnavailableException">The schema is not in the cache yet.</exception>
    public T Deserialize<T>(ReadOnlyMemory<byte> value)
    {
        try
        {
            var reading = serializer.DeserializeAsync<T>(value);
            if (reading.IsCompleted)
            {
                return reading.GetAwaiter().GetResult();
            }

            // The look-up goes on; the next delivery sees its result or its error.
            _ = reading.AsTask().ContinueWith(
                static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            throw new KafkaFormatUnavailableException("The schema of the message is being looked up in the schema registry.");
        }
        catch (SchemaRegistryUnavailableException e)
        {
            throw new KafkaFormatUnavailableException(e.Message, e);
        }
    }
}
