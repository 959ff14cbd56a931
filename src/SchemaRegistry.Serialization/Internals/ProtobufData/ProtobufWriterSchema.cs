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
    private readonly FileDescriptor _file;

    private ProtobufWriterSchema(int id, FileDescriptor file) => (_id, _file) = (id, file);

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
        MessageDescriptor? type = null;
        foreach (var index in indexes)
        {
            type = TypesOf(type).Skip(index).FirstOrDefault() ?? throw new SchemaFormatException(
                $"The Protobuf schema with the id {_id} has no message type at the indexes {string.Join(", ", indexes)}.")
            {
                SchemaId = _id,
            };
        }

        return (type!, payload);
    }

    /// <summary>The types in a type or in the file. The synthetic types of map fields have no index.</summary>
    private IEnumerable<MessageDescriptor> TypesOf(MessageDescriptor? outer) =>
        (outer?.NestedTypes ?? _file.MessageTypes).Where(type => type.GetOptions()?.MapEntry != true);

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
