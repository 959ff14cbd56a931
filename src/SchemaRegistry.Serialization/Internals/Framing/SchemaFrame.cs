using System.Buffers.Binary;

namespace SchemaRegistry.Serialization.Internals.Framing;

/// <summary>The header of a message: the byte 0 and the id of its schema, 4 bytes, big-endian.</summary>
/// <param name="Payload">What follows the header.</param>
internal readonly record struct SchemaFrame(int SchemaId, ReadOnlyMemory<byte> Payload)
{
    public const int Length = 1 + sizeof(int);

    private const byte Magic = 0;

    /// <exception cref="SchemaFormatException">The message has no valid header.</exception>
    public static SchemaFrame Parse(ReadOnlyMemory<byte> message) => WhyNot(message.Span, out var id) is { } reason
        ? throw new SchemaFormatException(reason) { SchemaId = id }
        : new(id!.Value, message[Length..]);

    /// <summary>Reads the header.</summary>
    /// <param name="id">The id, even one that is invalid; null if the message has none.</param>
    /// <returns>What is wrong with the header, in full sentences; null if it is valid.</returns>
    public static string? WhyNot(ReadOnlySpan<byte> message, out int? id)
    {
        id = null;
        if (message.Length < Length)
        {
            return $"A message with a schema id has at least {Length} bytes; got {message.Length}. "
                + "Its producer does not use a schema registry.";
        }

        if (message[0] != Magic)
        {
            return $"A message with a schema id starts with the byte {Magic}; got {message[0]}. Its producer does not use a schema "
                + "registry, or it writes schema ids of another kind.";
        }

        id = BinaryPrimitives.ReadInt32BigEndian(message[1..]);
        return id >= 0 ? null : $"A schema id must be at least 0; got {id}.";
    }

    public static void Write(Span<byte> message, int schemaId)
    {
        message[0] = Magic;
        BinaryPrimitives.WriteInt32BigEndian(message[1..], schemaId);
    }

    public static byte[] ToMessage(int schemaId, ReadOnlySpan<byte> payload)
    {
        var message = new byte[Length + payload.Length];
        Write(message, schemaId);
        payload.CopyTo(message.AsSpan(Length));
        return message;
    }
}
