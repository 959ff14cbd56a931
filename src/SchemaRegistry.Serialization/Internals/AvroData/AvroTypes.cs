using Avro;
using Avro.Generic;
using Avro.Specific;

namespace SchemaRegistry.Serialization.Internals.AvroData;

/// <summary>The schemas of .NET types.</summary>
internal static class AvroTypes
{
    private static readonly Dictionary<Type, string> Primitives = new()
    {
        [typeof(bool)] = "boolean",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(byte[])] = "bytes",
    };

    private static readonly HashSet<Type> Generic =
        [typeof(object), typeof(GenericRecord), typeof(GenericEnum), typeof(GenericFixed), typeof(object[])];

    /// <exception cref="NotSupportedException">Avro has no values of the type.</exception>
    public static void RequireReadable(Type type)
    {
        if (!typeof(ISpecificRecord).IsAssignableFrom(type) && !Generic.Contains(type) && !Primitives.ContainsKey(type))
        {
            throw Unsupported(type);
        }
    }

    /// <returns>The schema of a class of specific records; null for other types.</returns>
    public static Schema? SpecificSchemaOf(Type type) => typeof(ISpecificRecord).IsAssignableFrom(type)
        ? ((ISpecificRecord)Activator.CreateInstance(type)!).Schema
        : null;

    public static Schema? PrimitiveOf(Type type) => Primitives.TryGetValue(type, out var name) ? Schema.Parse($"\"{name}\"") : null;

    /// <exception cref="NotSupportedException">Avro has no values of the type.</exception>
    public static Schema SchemaOf(object? item) => item switch
    {
        ISpecificRecord record => record.Schema,
        GenericRecord record => record.Schema,
        GenericEnum value => value.Schema,
        GenericFixed value => value.Schema,
        null => throw new NotSupportedException("Avro does not support a null outside of a record; send a message without a value."),
        _ => PrimitiveOf(item.GetType()) ?? throw Unsupported(item.GetType()),
    };

    private static NotSupportedException Unsupported(Type type) => new(
        $"Avro does not support {type}; use GenericRecord, a class generated from an Avro schema, object, string, byte[], int, long, "
        + "float, double or bool.");
}
