using System.Collections.Concurrent;
using Confluent.SchemaRegistry;
using Google.Protobuf.Reflection;
using SchemaRegistry.Serialization.Internals.Framing;
using SchemaRegistry.Serialization.Internals.Registry;

namespace SchemaRegistry.Serialization.Internals.ProtobufData;

/// <summary>A file of the registry whose types messages were written with.</summary>
internal sealed class ProtobufWriterSchema
{
    /// <summary>The registry's name of descriptors in base 64, instead of the source of the schema.</summary>
    private const string Serialized = "serialized";

    private readonly int _id;
    private readonly MessageDescriptor[] _types;
    private readonly ConcurrentDictionary<MessageDescriptor, MessageDescriptor[]> _nested = new();

    private ProtobufWriterSchema(int id, FileDescriptor file) => (_id, _types) = (id, Indexed(file.MessageTypes));

    /// <exception cref="SchemaFormatException">The schema is invalid or has another type.</exception>
    /// <exception cref="SchemaRegistryUnavailableException">The registry does not give descriptors.</exception>
    public static async Task<ProtobufWriterSchema> LoadAsync(RegistryRequests registry, int id)
    {
        var registered = await registry.GetAsync(id, Serialized).ConfigureAwait(false);
        registered.Require(SchemaType.Protobuf, id);
        var referenced = await new References(registry, Serialized).LoadAsync(id, registered).ConfigureAwait(false);
        try
        {
            var files = referenced.Select(reference =>
            {
                var file = Parse(reference.Schema, id);
                file.Name = reference.Name;
                return file;
            });
            return new(id, ProtobufFiles.Build(Parse(registered, id), files));
        }
        catch (Exception e) when (e is not (SchemaRegistryUnavailableException or OutOfMemoryException))
        {
            throw new SchemaFormatException($"The Protobuf schema with the id {id} is invalid: {e.Message}", e) { SchemaId = id };
        }
    }

    /// <summary>The type of a message, and its bytes.</summary>
    /// <exception cref="SchemaFormatException">The schema has no type at the indexes of the message.</exception>
    public (MessageDescriptor Type, ReadOnlyMemory<byte> Payload) Open(SchemaFrame frame)
    {
        var (indexes, payload) = MessageIndexes.Read(frame);
        return (TypeAt(indexes), payload);
    }

    /// <param name="indexes">At least one.</param>
    /// <exception cref="SchemaFormatException">The schema has no type at the indexes.</exception>
    public MessageDescriptor TypeAt(ReadOnlySpan<int> indexes)
    {
        var (type, types) = (default(MessageDescriptor), _types);
        foreach (var index in indexes)
        {
            type = index < types.Length
                ? types[index]
                : throw new SchemaFormatException(
                    $"The Protobuf schema with the id {_id} has no message type at the indexes {string.Join(", ", indexes.ToArray())}.")
                {
                    SchemaId = _id,
                };
            types = _nested.TryGetValue(type, out var nested) ? nested : _nested.GetOrAdd(type, Indexed(type.NestedTypes));
        }

        return type!;
    }

    /// <summary>The types that have an index. The synthetic types of map fields have none.</summary>
    private static MessageDescriptor[] Indexed(IEnumerable<MessageDescriptor> types) =>
        [.. types.Where(type => type.GetOptions()?.MapEntry != true)];

    private static FileDescriptorProto Parse(Schema schema, int id)
    {
        var bytes = new byte[schema.SchemaString.Length];
        return Convert.TryFromBase64String(schema.SchemaString, bytes, out var length)
            ? FileDescriptorProto.Parser.ParseFrom(bytes, 0, length)
            : throw new SchemaRegistryUnavailableException(
                $"The schema registry gives the source of the Protobuf schema with the id {id}, and not its descriptor. "
                + $"Use a registry that supports format={Serialized}.");
    }
}
