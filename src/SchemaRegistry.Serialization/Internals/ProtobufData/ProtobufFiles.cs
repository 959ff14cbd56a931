using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace SchemaRegistry.Serialization.Internals.ProtobufData;

/// <summary>Descriptors of Protobuf files.</summary>
internal static class ProtobufFiles
{
    /// <summary>Confluent's options of fields and messages. They do not change the data.</summary>
    private const string ConfluentMeta = "confluent/meta.proto";

    private const string ConfluentDecimal = "confluent/types/decimal.proto";

    private static readonly FileDescriptor[] WellKnown =
    [
        AnyReflection.Descriptor, ApiReflection.Descriptor, DurationReflection.Descriptor, EmptyReflection.Descriptor,
        FieldMaskReflection.Descriptor, SourceContextReflection.Descriptor, StructReflection.Descriptor, TimestampReflection.Descriptor,
        TypeReflection.Descriptor, WrappersReflection.Descriptor, FileDescriptor.DescriptorProtoFileDescriptor,
    ];

    private static readonly Dictionary<string, FileDescriptorProto> Known = CreateKnown();

    /// <summary>Whether every registry and every application has the file.</summary>
    public static bool IsKnown(string name) => name == ConfluentMeta || Known.ContainsKey(name);

    /// <param name="root">The file of the schema.</param>
    /// <param name="referenced">The files that it needs, each after those that it needs itself.</param>
    /// <returns>The file with all that it needs.</returns>
    public static FileDescriptor Build(FileDescriptorProto root, IEnumerable<FileDescriptorProto> referenced)
    {
        var files = new List<FileDescriptorProto>();
        var names = new HashSet<string>();
        foreach (var file in referenced)
        {
            Add(file);
        }

        // The registry does not keep the name of the file; it must differ from the others.
        root.Name = "schema-registry/root.proto";
        Add(root);
        return FileDescriptor.BuildFromByteStrings(files.Select(file => file.ToByteString()))[^1];

        void Add(FileDescriptorProto file)
        {
            if (!names.Add(file.Name))
            {
                return;
            }

            Drop(file, ConfluentMeta);
            foreach (var needed in file.Dependency)
            {
                if (!names.Contains(needed) && Known.TryGetValue(needed, out var known))
                {
                    Add(known.Clone());
                }
            }

            files.Add(file);
        }
    }

    private static void Drop(FileDescriptorProto file, string dependency)
    {
        var at = file.Dependency.IndexOf(dependency);
        if (at < 0)
        {
            return;
        }

        file.Dependency.RemoveAt(at);
        Renumber(file.PublicDependency, at);
        Renumber(file.WeakDependency, at);
    }

    private static void Renumber(RepeatedField<int> indexes, int removed)
    {
        for (var i = indexes.Count - 1; i >= 0; i--)
        {
            if (indexes[i] == removed)
            {
                indexes.RemoveAt(i);
            }
            else if (indexes[i] > removed)
            {
                indexes[i]--;
            }
        }
    }

    private static Dictionary<string, FileDescriptorProto> CreateKnown()
    {
        var known = WellKnown.ToDictionary(file => file.Name, file => file.ToProto());
        known.Add(ConfluentDecimal, new()
        {
            Name = ConfluentDecimal,
            Package = "confluent.type",
            Syntax = "proto3",
            MessageType =
            {
                new DescriptorProto
                {
                    Name = "Decimal",
                    Field =
                    {
                        Field("value", 1, FieldDescriptorProto.Types.Type.Bytes),
                        Field("precision", 2, FieldDescriptorProto.Types.Type.Uint32),
                        Field("scale", 3, FieldDescriptorProto.Types.Type.Int32),
                    },
                },
            },
        });
        return known;
    }

    private static FieldDescriptorProto Field(string name, int number, FieldDescriptorProto.Types.Type type) =>
        new() { Name = name, Number = number, Type = type, Label = FieldDescriptorProto.Types.Label.Optional };
}
