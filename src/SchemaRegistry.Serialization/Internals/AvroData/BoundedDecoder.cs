using System.Buffers.Binary;
using System.Text;

namespace SchemaRegistry.Serialization.Internals.AvroData;

/// <summary>
/// Decodes Avro's binary encoding from memory. Unlike Avro's own decoder it believes no length and no number of items that the remaining
/// bytes cannot hold.
/// </summary>
internal sealed class BoundedDecoder(ReadOnlyMemory<byte> data) : Avro.IO.Decoder
{
    /// <summary>Items that take no bytes may exceed the bytes by this number.</summary>
    private const int FreeItems = 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _at;
    private long _itemsLeft = data.Length + (long)FreeItems;

    /// <summary>Number of bytes that are not decoded yet.</summary>
    public int Remaining => data.Length - _at;

    public void ReadNull()
    {
    }

    public bool ReadBoolean() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw new InvalidDataException($"a boolean must be 0 or 1; got {other}"),
    };

    public int ReadInt()
    {
        var value = ReadLong();
        return value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw new InvalidDataException($"an int must have 32 bits; got {value}");
    }

    public long ReadLong()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw new InvalidDataException("a number has more than 10 bytes");
    }

    public float ReadFloat() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    public byte[] ReadBytes() => Take(ReadLong()).ToArray();

    public string ReadString() => Utf8.GetString(Take(ReadLong()));

    public int ReadEnum() => ReadInt();

    public long ReadArrayStart() => ReadItems();

    public long ReadArrayNext() => ReadItems();

    public long ReadMapStart() => ReadItems();

    public long ReadMapNext() => ReadItems();

    public int ReadUnionIndex() => ReadInt();

    public void ReadFixed(byte[] buffer) => ReadFixed(buffer, 0, buffer.Length);

    public void ReadFixed(byte[] buffer, int start, int length) => Take(length).CopyTo(buffer.AsSpan(start, length));

    public void SkipNull()
    {
    }

    public void SkipBoolean() => ReadBoolean();

    public void SkipInt() => ReadInt();

    public void SkipLong() => ReadLong();

    public void SkipFloat() => Take(sizeof(float));

    public void SkipDouble() => Take(sizeof(double));

    public void SkipBytes() => Take(ReadLong());

    public void SkipString() => Take(ReadLong());

    public void SkipEnum() => ReadInt();

    public void SkipUnionIndex() => ReadInt();

    public void SkipFixed(int len) => Take(len);

    private long ReadItems()
    {
        var items = ReadLong();
        if (items < 0)
        {
            // A negative number is followed by the size of the items in bytes, for readers that skip them.
            ReadLong();
            items = items == long.MinValue ? long.MaxValue : -items;
        }

        _itemsLeft = items <= _itemsLeft
            ? _itemsLeft - items
            : throw new InvalidDataException($"a block of {items} items does not fit into the message");
        return items;
    }

    private ReadOnlySpan<byte> Take(long length)
    {
        if (length < 0 || length > Remaining)
        {
            throw new InvalidDataException($"a value of {length} bytes exceeds the remaining {Remaining}");
        }

        var taken = data.Span.Slice(_at, (int)length);
        _at += (int)length;
        return taken;
    }
}
