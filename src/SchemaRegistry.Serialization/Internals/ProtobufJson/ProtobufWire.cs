using System.Buffers.Binary;
using Google.Protobuf;

namespace SchemaRegistry.Serialization.Internals.ProtobufJson;

/// <summary>Reads Protobuf's wire format in a part of a message.</summary>
internal ref struct ProtobufWire(ReadOnlySpan<byte> data, int start, int length)
{
    private const int MaxVarintBytes = 10;
    private const int TagTypeBits = 3;

    /// <summary>Maximum number of groups inside of each other, which only old schemas have.</summary>
    private const int MaxGroups = 64;

    private readonly ReadOnlySpan<byte> _data = data[..(start + length)];
    private int _at = start;

    public readonly int At => _at;

    public readonly bool IsAtEnd => _at >= _data.Length;

    /// <returns>The number of the next field.</returns>
    public uint ReadTag(out WireFormat.WireType wire)
    {
        var tag = (uint)ReadVarint();
        wire = (WireFormat.WireType)(tag & ((1 << TagTypeBits) - 1));
        var number = tag >> TagTypeBits;
        return number > 0 ? number : throw new InvalidDataException("a field has the number 0");
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarintBytes; i++)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException($"a number has more than {MaxVarintBytes} bytes");
    }

    public uint ReadFixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>Passes over a value.</summary>
    /// <returns>Where its content is: without the length before it.</returns>
    public (int Start, int Length) Skip(WireFormat.WireType wire, uint number)
    {
        var start = _at;
        switch (wire)
        {
            case WireFormat.WireType.Varint:
                ReadVarint();
                break;
            case WireFormat.WireType.Fixed32:
                Take(sizeof(uint));
                break;
            case WireFormat.WireType.Fixed64:
                Take(sizeof(ulong));
                break;
            case WireFormat.WireType.LengthDelimited:
                var size = ReadVarint();
                start = _at;
                Take(size);
                break;
            case WireFormat.WireType.StartGroup:
                SkipGroup(number);
                break;
            case WireFormat.WireType.EndGroup:
                throw new InvalidDataException($"the group {number} ends and has not begun");
            default:
                throw new InvalidDataException($"the field {number} has the unknown wire type {(int)wire}");
        }

        return (start, _at - start);
    }

    private void SkipGroup(uint number)
    {
        Span<uint> open = stackalloc uint[MaxGroups];
        open[0] = number;
        for (var depth = 1; depth > 0;)
        {
            var field = ReadTag(out var wire);
            if (wire == WireFormat.WireType.StartGroup)
            {
                if (depth == MaxGroups)
                {
                    throw new InvalidDataException($"it has more than {MaxGroups} levels of groups");
                }

                open[depth++] = field;
            }
            else if (wire == WireFormat.WireType.EndGroup && open[depth - 1] == field)
            {
                depth--;
            }
            else
            {
                Skip(wire, field);
            }
        }
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        var remaining = _data.Length - _at;
        if (length > (ulong)remaining)
        {
            throw new InvalidDataException($"a value of {length} bytes exceeds the remaining {remaining}");
        }

        var taken = _data.Slice(_at, (int)length);
        _at += (int)length;
        return taken;
    }
}
