using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace GrainSensors.Core.Alerts;

/// <summary>Writes the state of many sensors in few bytes: whole numbers as varints, times as differences.</summary>
/// <remarks>
/// The buffer is rented. With thousands of sensors it is a large object, and every checkpoint would leave several behind.
/// </remarks>
internal sealed class StateWriter : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;

    public void Byte(byte value)
    {
        Reserve(1);
        _bytes[_length++] = value;
    }

    public void Unsigned(ulong value)
    {
        Reserve(10);
        for (; value >= 0x80; value >>= 7)
        {
            _bytes[_length++] = (byte)(value | 0x80);
        }

        _bytes[_length++] = (byte)value;
    }

    /// <summary>Writes a signed number; numbers near 0 are short.</summary>
    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes all 8 bytes: readings that are processed again must yield the same result.</summary>
    public void Number(double value)
    {
        Reserve(8);
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.AsSpan(_length), value);
        _length += 8;
    }

    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Bytes(bytes);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Unsigned((ulong)bytes.Length);
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <param name="over">
    /// An array that is no longer used, of a state of about this size. The state overwrites it, and zeros follow. This saves a large
    /// array for each of many writes of similar size. Null for a new array of the exact length.
    /// </param>
    public byte[] ToArray(byte[]? over = null)
    {
        if (over is null)
        {
            return _bytes.AsSpan(0, _length).ToArray();
        }

        // Times are written as differences from the newest one, so the length changes with every write.
        var room = _length / 8;
        if (over.Length < _length || over.Length > _length + (2 * room))
        {
            over = new byte[_length + room];
        }

        _bytes.AsSpan(0, _length).CopyTo(over);
        over.AsSpan(_length).Clear();
        return over;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Reserve(int bytes)
    {
        if (_length + bytes > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + bytes));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
    }
}

/// <summary>Reads the bytes of a <see cref="StateWriter"/>.</summary>
/// <exception cref="FormatException">The bytes end too early; every method throws it.</exception>
internal ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The version of the format, which is the first byte.</summary>
    public byte Version { get; } = bytes.Length > 0 ? bytes[0] : (byte)0;

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

    public double Number() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public ReadOnlySpan<byte> Bytes() => Take(checked((int)Unsigned()));

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
