using Confluent.SchemaRegistry;

namespace SchemaRegistry.Serialization.Internals.Registry;

/// <summary>Checks the types of schemas.</summary>
internal static class SchemaTypes
{
    /// <exception cref="SchemaFormatException">The schema has another type.</exception>
    public static void Require(this Schema schema, SchemaType type, int id)
    {
        if (schema.SchemaType != type)
        {
            throw new SchemaFormatException(
                $"The schema with the id {id} must be of the type {type}; got {schema.SchemaType}. Use the format of its type.")
            {
                SchemaId = id,
            };
        }
    }
}
