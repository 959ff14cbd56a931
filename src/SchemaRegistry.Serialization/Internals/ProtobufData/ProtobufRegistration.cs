using Confluent.SchemaRegistry;
using Google.Protobuf.Reflection;
using SchemaRegistry.Serialization.Internals.Registry;

namespace SchemaRegistry.Serialization.Internals.ProtobufData;

/// <summary>Registers the files of generated classes, or finds them in the registry.</summary>
internal sealed class ProtobufRegistration(RegistryRequests registry, bool isRegistered)
{
    /// <returns>The id of the file's schema in a subject.</returns>
    public async Task<int> IdAsync(string subject, FileDescriptor file) =>
        await registry.IdAsync(subject, await SchemaOfAsync(file).ConfigureAwait(false), isRegistered).ConfigureAwait(false);

    /// <summary>The indexes that lead to a type in its file.</summary>
    public static List<int> IndexesOf(MessageDescriptor type)
    {
        var siblings = (type.ContainingType?.NestedTypes ?? type.File.MessageTypes).Where(other => other.GetOptions()?.MapEntry != true);
        List<int> indexes = type.ContainingType is { } outer ? IndexesOf(outer) : [];
        indexes.Add(siblings.TakeWhile(other => other != type).Count());
        return indexes;
    }

    /// <summary>The schema of a file. The files that it needs are schemas of their own, with their names as subjects.</summary>
    private async Task<Schema> SchemaOfAsync(FileDescriptor file)
    {
        var references = new List<SchemaReference>();
        foreach (var needed in file.Dependencies.Where(needed => !ProtobufFiles.IsKnown(needed.Name)))
        {
            var schema = await SchemaOfAsync(needed).ConfigureAwait(false);
            await registry.IdAsync(needed.Name, schema, isRegistered).ConfigureAwait(false);
            var found = await registry.FindAsync(needed.Name, schema).ConfigureAwait(false);
            references.Add(new(needed.Name, needed.Name, found.Version));
        }

        return new(file.SerializedData.ToBase64(), references, SchemaType.Protobuf);
    }
}
