namespace SchemaRegistry.Serialization.Internals.Framing;

/// <summary>
/// The position of a message type in a Protobuf schema: the index of the outermost type, then those of nested types. On the wire it is a
/// list of zigzag varints with its length first; the single byte 0 stands for the list [0].
/// </summary>
internal static class MessageIndexes
{
    /// <summary>No schema nests its types deeper.</summary>
    public const int MaxDepth = 64;

    private const int MaxVarintBytes = 5;

    /// <returns>The indexes, and what follows them.</returns>
    /// <exception cref="SchemaFormatException">The list is truncated or invalid.</exception>
    public static (int[] Indexes, ReadOnlyMemory<byte> Payload) Read(SchemaFrame frame)
    {
        Span<int> indexes = stackalloc int[MaxDepth];
        var count = Read(frame.Payload.Span, frame.SchemaId, indexes, out var length);
        return (indexes[..count].ToArray(), frame.Payload[length..]);
    }

    /// <param name="bytes">What follows the header of the message.</param>
    /// <param name="indexes">Receives up to <see cref="MaxDepth"/> indexes.</param>
    /// <param name="length">The size of the list.</param>
    /// <returns>The number of indexes.</returns>
    /// <exception cref="SchemaFormatException">The list is truncated or invalid.</exception>
    public static int Read(ReadOnlySpan<byte> bytes, int schemaId, Span<int> indexes, out int length)
    {
        length = 0;
        var count = ReadVarint(bytes, ref length, schemaId);
        if (count == 0)
        {
            indexes[0] = 0;
            return 1;
        }

        if (count is < 0 or > MaxDepth)
        {
            throw Invalid(schemaId, $"its length must be from 0 to {MaxDepth}; got {count}");
        }

        for (var i = 0; i < count; i++)
        {
            indexes[i] = ReadVarint(bytes, ref length, schemaId);
            if (indexes[i] < 0)
            {
                throw Invalid(schemaId, $"an index must be at least 0; got {indexes[i]}");
            }
        }

        return count;
    }

    public static byte[] ToBytes(IReadOnlyList<int> indexes)
    {
        if (indexes is [0])
        {
            return [0];
        }

        var bytes = new List<byte>();
        WriteVarint(bytes, indexes.Count);
        foreach (var index in indexes)
        {
            WriteVarint(bytes, index);
        }

        return [.. bytes];
    }

    private static int ReadVarint(ReadOnlySpan<byte> bytes, ref int at, int schemaId)
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarintBytes; i++)
        {
            if (at >= bytes.Length)
            {
                throw Invalid(schemaId, "the message ends within it");
            }

            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value <= uint.MaxValue
                    ? (int)((uint)value >> 1) ^ -(int)(value & 1)
                    : throw Invalid(schemaId, "a number in it is too large");
            }
        }

        throw Invalid(schemaId, "a number in it is too long");
    }

    private static void WriteVarint(List<byte> bytes, int value)
    {
        for (var rest = (uint)((value << 1) ^ (value >> 31)); ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                bytes.Add((byte)rest);
                return;
            }

            bytes.Add((byte)(rest | 0x80));
        }
    }

    private static SchemaFormatException Invalid(int schemaId, string reason) =>
        new($"The list of message indexes in a message with the schema id {schemaId} is invalid: {reason}.") { SchemaId = schemaId };
}
