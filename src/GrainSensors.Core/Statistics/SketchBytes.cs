namespace GrainSensors.Core.Statistics;

/// <summary>The bytes of a <see cref="QuantileSketch"/>.</summary>
/// <remarks>
/// <para>
/// Bytes: a version, then varints in the order of the values: the buckets of negative values, the number of zeros, and the buckets of
/// positive values.
/// </para>
/// <para>
/// Buckets: the number of those with values and, unless it is 0, the place of the first (zigzag) and an entry for each. The place is
/// the index, of negative values with a minus. An entry is twice the number of values. If buckets without values are between it and
/// the entry before it, it is 1 more, and their number follows.
/// </para>
/// <para>A varint has 7 bits in each byte, the lowest first; all bytes but the last have bit 7 set. It has no needless bytes.</para>
/// </remarks>
internal static class SketchBytes
{
    /// <summary>
    /// A version, the zeros, and for each sign the number of buckets (2 bytes), the first place (3) and the entries without gaps.
    /// An entry with a gap has up to 2 bytes more, and saves an entry.
    /// </summary>
    public const int MaxBytes = 1 + MaxVarint + (2 * (2 + 3 + (SketchBuckets.MaxBuckets * MaxVarint)));

    private const byte Version = 1;

    // 56 bits: twice the most values of a sketch has 54.
    private const int MaxVarint = 8;

    /// <returns>The number of bytes.</returns>
    public static int Write(Span<byte> bytes, long zeros, SketchBuckets negative, SketchBuckets positive)
    {
        bytes[0] = Version;
        var length = 1;
        Write(bytes, ref length, negative, -1);
        Write(bytes, ref length, zeros);
        Write(bytes, ref length, positive, 1);
        return length;
    }

    /// <exception cref="FormatException">The bytes are damaged or have an unknown version.</exception>
    public static (long Zeros, SketchBuckets Negative, SketchBuckets Positive) Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > MaxBytes || bytes[0] != Version)
        {
            throw Damaged();
        }

        bytes = bytes[1..];
        var negative = ReadBuckets(ref bytes, -1);
        var zeros = ReadVarint(ref bytes);
        var positive = ReadBuckets(ref bytes, 1);
        return bytes.IsEmpty && zeros + negative.Count + positive.Count <= SketchBuckets.MaxCount
            ? (zeros, negative, positive)
            : throw Damaged();
    }

    private static void Write(Span<byte> bytes, ref int length, SketchBuckets buckets, int sign)
    {
        if (buckets.Count == 0)
        {
            Write(bytes, ref length, 0);
            return;
        }

        var (first, last) = sign > 0 ? (buckets.Low, buckets.High) : (-buckets.High, -buckets.Low);
        var filled = 0;
        for (var place = first; place <= last; place++)
        {
            filled += buckets[sign * place] > 0 ? 1 : 0;
        }

        Write(bytes, ref length, filled);
        Write(bytes, ref length, (uint)((first << 1) ^ (first >> 31)));
        var gap = 0;
        for (var place = first; place <= last; place++)
        {
            var count = buckets[sign * place];
            if (count == 0)
            {
                gap++;
                continue;
            }

            Write(bytes, ref length, (2 * count) + (gap > 0 ? 1 : 0));
            if (gap > 0)
            {
                Write(bytes, ref length, gap);
                gap = 0;
            }
        }
    }

    private static void Write(Span<byte> bytes, ref int length, long varint)
    {
        for (; varint > 127; varint >>= 7)
        {
            bytes[length++] = (byte)(varint | 128);
        }

        bytes[length++] = (byte)varint;
    }

    private static SketchBuckets ReadBuckets(ref ReadOnlySpan<byte> bytes, int sign)
    {
        var buckets = new SketchBuckets();
        var filled = ReadVarint(ref bytes);
        if (filled == 0)
        {
            return buckets;
        }

        var zigzag = ReadVarint(ref bytes);
        var first = (zigzag >> 1) ^ -(zigzag & 1);
        if (filled > SketchBuckets.MaxBuckets || !IsIndex(sign * first))
        {
            throw Damaged();
        }

        // Once without buckets: nothing is allocated before all of them are known to be sound.
        var entries = bytes;
        var last = ReadEntries(ref bytes, (int)filled, (int)first, sign, null);
        buckets.Extend(sign > 0 ? (int)first : -last, sign > 0 ? last : (int)-first);
        ReadEntries(ref entries, (int)filled, (int)first, sign, buckets);
        return buckets;
    }

    /// <returns>The place of the last bucket.</returns>
    private static int ReadEntries(ref ReadOnlySpan<byte> bytes, int filled, int first, int sign, SketchBuckets? buckets)
    {
        var place = first - 1L;
        var total = 0L;
        for (var entry = 0; entry < filled; entry++)
        {
            var count = ReadVarint(ref bytes);
            var hasGap = (count & 1) == 1;
            var gap = hasGap ? ReadVarint(ref bytes) : 0;
            place += 1 + gap;
            total += count >> 1;
            if (count < 2 || (hasGap && (gap == 0 || entry == 0)) || place - first >= SketchBuckets.MaxBuckets || !IsIndex(sign * place)
                || total > SketchBuckets.MaxCount)
            {
                throw Damaged();
            }

            buckets?.Add((int)(sign * place), count >> 1);
        }

        return (int)place;
    }

    private static bool IsIndex(long index) => index >= SketchMapping.MinIndex && index <= SketchMapping.MaxIndex;

    private static long ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0L;
        for (var length = 0; length < MaxVarint && length < bytes.Length; length++)
        {
            value |= (bytes[length] & 127L) << (7 * length);
            if (bytes[length] < 128)
            {
                var isNeedless = bytes[length] == 0 && length > 0;
                bytes = bytes[(length + 1)..];
                return isNeedless ? throw Damaged() : value;
            }
        }

        throw Damaged();
    }

    private static FormatException Damaged() => new($"The bytes of a quantile sketch are damaged or not of version {Version}.");
}
