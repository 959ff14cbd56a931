using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace GrainSensors.Core.Alerts;

/// <summary>Reads the bytes of a <see cref="StateWriter"/>, also those of version 1, which were not compressed.</summary>
/// <exception cref="FormatException">The bytes are damaged or end too early; every method throws it.</exception>
internal ref struct StateReader
{
    private readonly ReadOnlySpan<byte> _numbers;
    private ReadOnlySpan<byte> _rest;
    private int _number;

    /// <param name="bytes">The bytes of a version that is known.</param>
    public StateReader(ReadOnlySpan<byte> bytes)
    {
        _rest = bytes;
        Version = Byte();
        if (Version == 1)
        {
            return;
        }

        var (length, numbers, packed) = (Length(), Length(), Length());
        var plain = new byte[checked(length + numbers)];
        if (numbers % 8 != 0 || !BrotliDecoder.TryDecompress(Take(packed), plain, out var written) || written != plain.Length)
        {
            throw new FormatException("The monitor state is damaged.");
        }

        _rest = plain.AsSpan(0, length);
        _numbers = plain.AsSpan(length);
    }

    public byte Version { get; }

    public byte Byte() => Take(1)[0];

    public ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("A number in the monitor state is longer than 64 bits; the state is damaged.");
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public double Number()
    {
        if (Version == 1)
        {
            return BinaryPrimitives.ReadDoubleLittleEndian(Take(8));
        }

        var count = _numbers.Length / 8;
        if (_number >= count)
        {
            throw new FormatException("The monitor state is cut short.");
        }

        ulong bits = 0;
        for (var plane = 0; plane < 8; plane++)
        {
            bits = (bits << 8) | _numbers[(plane * count) + _number];
        }

        _number++;
        return BitConverter.UInt64BitsToDouble(bits);
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public ReadOnlySpan<byte> Bytes() => Take(Length());

    private int Length() => Unsigned() is <= StateFormat.MaxLength and var length
        ? (int)length
        : throw new FormatException("The monitor state is damaged.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new FormatException("The monitor state is cut short.");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
