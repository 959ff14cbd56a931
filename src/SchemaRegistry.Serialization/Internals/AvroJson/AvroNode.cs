using System.Text.Json;

namespace SchemaRegistry.Serialization.Internals.AvroJson;

/// <summary>A type of a schema, which writes its values. It does not change, so that threads share it.</summary>
internal abstract class AvroNode
{
    /// <param name="depth">The objects and arrays around the value.</param>
    /// <exception cref="InvalidDataException">The bytes are not a value of the type.</exception>
    public abstract void Write(ref AvroBytes data, Utf8JsonWriter json, int depth);
}
