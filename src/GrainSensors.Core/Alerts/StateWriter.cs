using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace GrainSensors.Core.Alerts;

/// <summary>Writes the state of many sensors in few bytes: whole numbers as varints, times as differences, all of it compressed.</summary>
/// <remarks>
/// The numbers with a fraction follow the rest, all first bytes before all second ones: those of one measurement resemble each other
/// in their first bytes only. The buffers are rented. With thousands of sensors they are large objects, and every checkpoint would
/// leave several behind.
/// </remarks>
internal sealed class StateWriter : IDisposable
{
    /// <summary>The fastest quality; a higher one takes twice the time for 5 % less.</summary>
    private const int Quality = 1;

    private const int Window = 18;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(4096);
    private byte[] _numbers = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;
    private int _numbersLength;

    /// <summary>The version of the format.</summary>
    public byte Version { get; init; } = StateFormat.Version;

    public void Byte(byte value)
    {
        Reserve(ref _bytes, _length, 1);
        _bytes[_length++] = value;
    }

    public void Unsigned(ulong value)
    {
        Reserve(ref _bytes, _length, StateFormat.MaxVarint);
        _length += StateFormat.WriteUnsigned(_bytes.AsSpan(_length), value);
    }

    /// <summary>Writes a signed number; numbers near 0 are short.</summary>
    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes all 8 bytes: readings that are processed again must yield the same result.</summary>
    public void Number(double value)
    {
        Reserve(ref _numbers, _numbersLength, 8);
        BinaryPrimitives.WriteDoubleBigEndian(_numbers.AsSpan(_numbersLength), value);
        _numbersLength += 8;
    }

    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Bytes(bytes);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Unsigned((ulong)bytes.Length);
        Reserve(ref _bytes, _length, bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <param name="over">
    /// An array that is no longer used, of a state of about this size. The state overwrites it, and zeros follow. This saves a large
    /// array for each of many writes of similar size. Null for a new array of the exact length.
    /// </param>
    public byte[] ToArray(byte[]? over = null)
    {
        var whole = _length + _numbersLength;
        var packed = ArrayPool<byte>.Shared.Rent(StateFormat.MaxHeader + BrotliEncoder.GetMaxCompressedLength(whole));
        var plain = ArrayPool<byte>.Shared.Rent(whole);
        try
        {
            _bytes.AsSpan(0, _length).CopyTo(plain);
            StateFormat.Transpose(_numbers.AsSpan(0, _numbersLength), plain.AsSpan(_length));
            if (!BrotliEncoder.TryCompress(
                plain.AsSpan(0, whole), packed.AsSpan(StateFormat.MaxHeader), out var written, Quality, Window))
            {
                throw new InvalidOperationException($"The monitor state of {whole} bytes cannot be compressed.");
            }

            Span<byte> header = stackalloc byte[StateFormat.MaxHeader];
            var begin = StateFormat.MaxHeader - StateFormat.WriteHeader(header, Version, _length, _numbersLength, written);
            header[..(StateFormat.MaxHeader - begin)].CopyTo(packed.AsSpan(begin));
            return Copy(packed.AsSpan(begin..(StateFormat.MaxHeader + written)), over);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<byte>.Shared.Return(_numbers);
        (_bytes, _numbers) = ([], []);
    }

    private static byte[] Copy(ReadOnlySpan<byte> state, byte[]? over)
    {
        if (over is null)
        {
            return state.ToArray();
        }

        // The length changes a little with every write.
        var room = state.Length / 32;
        if (over.Length < state.Length || over.Length > state.Length + (2 * room))
        {
            over = new byte[state.Length + room];
        }

        state.CopyTo(over);
        over.AsSpan(state.Length).Clear();
        return over;
    }

    private static void Reserve(ref byte[] buffer, int length, int bytes)
    {
        if (length + bytes > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, length + bytes));
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
    }
}
