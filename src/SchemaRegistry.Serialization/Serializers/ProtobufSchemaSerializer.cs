using Confluent.SchemaRegistry;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SchemaRegistry.Serialization.Internals.Caching;
using SchemaRegistry.Serialization.Internals.Framing;
using SchemaRegistry.Serialization.Internals.ProtobufData;
using SchemaRegistry.Serialization.Internals.Registry;

namespace SchemaRegistry.Serialization;

/// <summary>
/// Protobuf messages. Types are generated classes (<see cref="IMessage"/>), and for reading also <see cref="ProtobufRecord"/> and
/// <see cref="object"/>, which need no class. The registry must support <c>format=serialized</c>.
/// </summary>
public sealed class ProtobufSchemaSerializer : ISchemaSerializer
{
    private readonly SchemaSerializerOptions _options;
    private readonly LookupCache<int, ProtobufWriterSchema> _schemas;
    private readonly WrittenSchemas<MessageDescriptor, Writer> _written;

    /// <summary>Creates a serializer.</summary>
    /// <param name="client">Asks the registry. The caller disposes it.</param>
    /// <param name="options">Null means the defaults.</param>
    /// <param name="clock">The clock of the caches; null means that of the system.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public ProtobufSchemaSerializer(
        ISchemaRegistryClient client, SchemaSerializerOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _options = options ?? new();
        _options.Check();
        var registry = new RegistryRequests(client);
        var registration = new ProtobufRegistration(registry, _options.RegisterSchemas);
        _schemas = new(id => ProtobufWriterSchema.LoadAsync(registry, id), _options, clock ?? TimeProvider.System);
        _written = new(
            async (subject, type) => new(
                await registration.IdAsync(subject, type.File).ConfigureAwait(false),
                MessageIndexes.ToBytes(ProtobufRegistration.IndexesOf(type))),
            _options, clock ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> SerializeAsync<T>(T item, string topic, CancellationToken cancellationToken = default)
    {
        if (item is not IMessage message)
        {
            throw Unsupported(item?.GetType() ?? typeof(T));
        }

        var type = message.Descriptor;
        var subject = _options.SubjectOf(topic, type.FullName);
        var writer = await _written.GetAsync(subject, type, cancellationToken).ConfigureAwait(false);
        return SchemaFrame.ToMessage(writer.Id, [.. writer.Indexes, .. message.ToByteArray()]);
    }

    /// <inheritdoc/>
    public async ValueTask<T> DeserializeAsync<T>(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        if (Generated<T>.Type is null && typeof(T) != typeof(ProtobufRecord) && typeof(T) != typeof(object))
        {
            throw Unsupported(typeof(T));
        }

        var frame = SchemaFrame.Parse(message);
        var schema = await _schemas.GetAsync(frame.SchemaId, cancellationToken).ConfigureAwait(false);
        var (type, payload) = schema.Open(frame);
        if (Generated<T>.Type is { } own && own.FullName != type.FullName)
        {
            throw new SchemaFormatException(
                $"A message with the schema id {frame.SchemaId} must be a \"{own.FullName}\"; got a \"{type.FullName}\".")
            {
                SchemaId = frame.SchemaId,
            };
        }

        try
        {
            var bytes = ByteString.CopyFrom(payload.Span);
            return (T)(Generated<T>.Type is { } generated
                ? generated.Parser.ParseFrom(bytes)
                : (object)ProtobufRecordReader.Read(type, bytes));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new SchemaFormatException(
                $"A message of the type \"{type.FullName}\" with the schema id {frame.SchemaId} cannot be read: {e.Message}", e)
            {
                SchemaId = frame.SchemaId,
            };
        }
    }

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) =>
        await _schemas.GetAsync(SchemaFrame.Parse(message).SchemaId, cancellationToken).ConfigureAwait(false);

    private static NotSupportedException Unsupported(Type type) => new(
        $"Protobuf does not support {type}; use a class generated from a Protobuf schema. "
        + "ProtobufRecord and object read any message.");

    private sealed record Writer(int Id, byte[] Indexes);

    /// <summary>The message type of a generated class; null for other classes.</summary>
    private static class Generated<T>
    {
        public static readonly MessageDescriptor? Type = typeof(IMessage).IsAssignableFrom(typeof(T)) && !typeof(T).IsAbstract
            ? ((IMessage)Activator.CreateInstance<T>()!).Descriptor
            : null;
    }
}
