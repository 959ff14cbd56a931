using System.Buffers.Binary;

namespace SchemaRegistry.Serialization.Internals.Framing;

/// <summary>The header of a message: the byte 0 and the id of its schema, 4 bytes, big-endian.</summary>
/// <param name="Payload">What follows the header.</param>
internal readonly record struct SchemaFrame(int SchemaId, ReadOnlyMemory<byte> Payload)
{
    public const int Length = 1 + sizeof(int);

    private const byte Magic = 0;

    /// <exception cref="SchemaFormatException">The message has no valid header.</exception>
    public static SchemaFrame Parse(ReadOnlyMemory<byte> message)
    {
        var bytes = message.Span;
        if (bytes.Length < Length)
        {
            throw new SchemaFormatException(
                $"A message with a schema id has at least {Length} bytes; got {bytes.Length}. "
                + "Its producer does not use a schema registry.");
        }

        if (bytes[0] != Magic)
        {
            throw new SchemaFormatException(
                $"A message with a schema id starts with the byte {Magic}; got {bytes[0]}. Its producer does not use a schema registry, "
                + "or it writes schema ids of another kind.");
        }

        var id = BinaryPrimitives.ReadInt32BigEndian(bytes[1..]);
        return id >= 0
            ? new(id, message[Length..])
            : throw new SchemaFormatException($"A schema id must be at least 0; got {id}.") { SchemaId = id };
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
