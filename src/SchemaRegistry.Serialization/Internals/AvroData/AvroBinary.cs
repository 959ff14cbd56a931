using System.Buffers.Binary;

namespace SchemaRegistry.Serialization.Internals.AvroData;

/// <summary>
/// Decodes the values of Avro's binary encoding. Unlike Avro's own decoder it believes no length and no number of items that the
/// remaining bytes cannot hold.
/// </summary>
internal static class AvroBinary
{
    /// <summary>Items that take no bytes may exceed the bytes by this number.</summary>
    public const int FreeItems = 1024;

    /// <exception cref="InvalidDataException">Less bytes remain.</exception>
    public static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> data, scoped ref int at, long length)
    {
        if (length < 0 || length > data.Length - at)
        {
            throw new InvalidDataException($"a value of {length} bytes exceeds the remaining {data.Length - at}");
        }

        var taken = data.Slice(at, (int)length);
        at += (int)length;
        return taken;
    }

    public static bool ReadBoolean(ReadOnlySpan<byte> data, scoped ref int at) => Take(data, ref at, 1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw new InvalidDataException($"a boolean must be 0 or 1; got {other}"),
    };

    public static int ReadInt(ReadOnlySpan<byte> data, scoped ref int at)
    {
        var value = ReadLong(data, ref at);
        return value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw new InvalidDataException($"an int must have 32 bits; got {value}");
    }

    public static long ReadLong(ReadOnlySpan<byte> data, scoped ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(data, ref at, 1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw new InvalidDataException("a number has more than 10 bytes");
    }

    public static float ReadFloat(ReadOnlySpan<byte> data, scoped ref int at) =>
        BinaryPrimitives.ReadSingleLittleEndian(Take(data, ref at, sizeof(float)));

    public static double ReadDouble(ReadOnlySpan<byte> data, scoped ref int at) =>
        BinaryPrimitives.ReadDoubleLittleEndian(Take(data, ref at, sizeof(double)));

    /// <summary>Reads the number of items in the next block of an array or a map; 0 ends it.</summary>
    /// <param name="itemsLeft">The items that the message may still have.</param>
    public static long ReadItems(ReadOnlySpan<byte> data, scoped ref int at, scoped ref long itemsLeft)
    {
        var items = ReadLong(data, ref at);
        if (items < 0)
        {
            // A negative number is followed by the size of the items in bytes, for readers that skip them.
            ReadLong(data, ref at);
            items = items == long.MinValue ? long.MaxValue : -items;
        }

        itemsLeft = items <= itemsLeft
            ? itemsLeft - items
            : throw new InvalidDataException($"a block of {items} items does not fit into the message");
        return items;
    }
}
