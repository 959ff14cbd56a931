using System.Numerics;

namespace GrainSensors.Core.Windows;

/// <summary>The last applied offset of each source. Immutable: a snapshot is a copy of the struct.</summary>
/// <remarks>
/// Most rows have a single source, which is a field of the struct. Only readings that were produced without a key spread a sensor
/// over partitions and need the array.
/// Bytes: a version, then for each source 16 bytes of UUID (big-endian), partition, incarnation and offset as varints. Version 1 has
/// no incarnations: all of them are 0.
/// </remarks>
public readonly struct Marks : IEquatable<Marks>
{
    /// <summary>The mark of a source without readings: lower than every offset.</summary>
    public const long None = -1;

    private const byte WithoutIncarnations = 1;
    private const byte WithIncarnations = 2;
    private readonly Mark _first;
    private readonly Mark[]? _more;
    private readonly bool _any;

    private Marks(Mark first, Mark[]? more)
    {
        _first = first;
        _more = more;
        _any = true;
    }

    public static Marks Empty => default;

    public bool IsEmpty => !_any;

    /// <returns>The last applied offset of the source, or <see cref="None"/>.</returns>
    public long this[SourceId source]
    {
        get
        {
            if (!_any)
            {
                return None;
            }

            if (_first.Source == source)
            {
                return _first.Offset;
            }

            foreach (var mark in _more ?? [])
            {
                if (mark.Source == source)
                {
                    return mark.Offset;
                }
            }

            return None;
        }
    }

    /// <returns>Whether any incarnation of the source has a mark.</returns>
    public bool AnyIncarnationOf(SourceId source) =>
        Array.Exists(ToArray(), mark => mark.Source.WithoutIncarnation() == source.WithoutIncarnation());

    /// <returns>A copy without the marks of incarnations of the source that are older than its own by more than a number.</returns>
    public Marks WithoutOlderThan(SourceId source, int incarnations)
    {
        var kept = Array.FindAll(
            ToArray(),
            mark => mark.Source.WithoutIncarnation() != source.WithoutIncarnation()
                || mark.Source.Incarnation >= source.Incarnation - incarnations);
        return kept.Length == 0 ? Empty : new(kept[0], kept.Length == 1 ? null : kept[1..]);
    }

    /// <returns>A copy in which the mark of the source is at least the offset; a mark never falls.</returns>
    public Marks Raise(SourceId source, long offset)
    {
        if (!_any)
        {
            return new(new(source, offset), null);
        }

        if (_first.Source == source)
        {
            return offset > _first.Offset ? new(new(source, offset), _more) : this;
        }

        return RaiseAmongMore(source, offset);
    }

    /// <returns>The greater of both marks for each source.</returns>
    public Marks Max(Marks other)
    {
        var result = this;
        foreach (var mark in other.ToArray())
        {
            result = result.Raise(mark.Source, mark.Offset);
        }

        return result;
    }

    public Mark[] ToArray() => !_any ? [] : [_first, .. _more ?? []];

    public byte[] ToBytes()
    {
        // Rows of a log that had one incarnation only are readable by older releases, and do not change.
        var version = _first.Source.Incarnation == 0 && Array.TrueForAll(_more ?? [], mark => mark.Source.Incarnation == 0)
            ? WithoutIncarnations
            : WithIncarnations;
        var size = 1 + (_any ? SizeOf(_first, version) : 0);
        foreach (var mark in _more ?? [])
        {
            size += SizeOf(mark, version);
        }

        var bytes = new byte[size];
        bytes[0] = version;
        var rest = bytes.AsSpan(1);
        if (_any)
        {
            Write(_first, version, ref rest);
            foreach (var mark in _more ?? [])
            {
                Write(mark, version, ref rest);
            }
        }

        return bytes;
    }

    /// <exception cref="FormatException">The bytes have an unknown version or are cut short.</exception>
    public static Marks Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] is not (WithoutIncarnations or WithIncarnations))
        {
            throw new FormatException(
                "The marks of a window row have an unknown format; "
                + $"this release reads versions {WithoutIncarnations} and {WithIncarnations}. "
                + "Use the release that wrote them.");
        }

        var result = Empty;
        var version = bytes[0];
        bytes = bytes[1..];
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < 16)
            {
                throw Truncated();
            }

            var topicId = new Guid(bytes[..16], bigEndian: true);
            bytes = bytes[16..];
            var partition = (int)ReadVarint(ref bytes);
            var incarnation = version == WithIncarnations ? (int)ReadVarint(ref bytes) : 0;
            result = result.Raise(new(topicId, partition, incarnation), (long)ReadVarint(ref bytes));
        }

        return result;
    }

    /// <returns>Whether each source has the same mark in both, in any order.</returns>
    public bool Equals(Marks other)
    {
        var mine = ToArray();
        var theirs = other.ToArray();
        return mine.Length == theirs.Length && Array.TrueForAll(mine, m => Array.IndexOf(theirs, m) >= 0);
    }

    public override bool Equals(object? obj) => obj is Marks other && Equals(other);

    public override int GetHashCode()
    {
        var hash = 0;
        foreach (var mark in ToArray())
        {
            hash ^= mark.GetHashCode();
        }

        return hash;
    }

    public override string ToString() => string.Join(' ', ToArray().Select(m => $"{m.Source}:{m.Offset}"));

    public static bool operator ==(Marks left, Marks right) => left.Equals(right);

    public static bool operator !=(Marks left, Marks right) => !left.Equals(right);

    /// <remarks>A method of its own: the search allocates a closure, which the usual case must not pay for.</remarks>
    private Marks RaiseAmongMore(SourceId source, long offset)
    {
        var more = _more ?? [];
        var at = Array.FindIndex(more, m => m.Source == source);
        if (at < 0)
        {
            return new(_first, [.. more, new(source, offset)]);
        }

        if (offset <= more[at].Offset)
        {
            return this;
        }

        // Rows are snapshots while they are written, so an array is never changed in place.
        more = [.. more];
        more[at] = new(source, offset);
        return new(_first, more);
    }

    private static int SizeOf(Mark mark, byte version) =>
        16 + VarintSize((uint)mark.Source.Partition) + VarintSize((ulong)mark.Offset)
        + (version == WithIncarnations ? VarintSize((uint)mark.Source.Incarnation) : 0);

    private static void Write(Mark mark, byte version, ref Span<byte> rest)
    {
        mark.Source.TopicId.TryWriteBytes(rest, bigEndian: true, out _);
        rest = rest[16..];
        WriteVarint((uint)mark.Source.Partition, ref rest);
        if (version == WithIncarnations)
        {
            WriteVarint((uint)mark.Source.Incarnation, ref rest);
        }

        WriteVarint((ulong)mark.Offset, ref rest);
    }

    private static int VarintSize(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    private static void WriteVarint(ulong value, ref Span<byte> rest)
    {
        for (; value >= 0x80; value >>= 7)
        {
            rest[0] = (byte)(value | 0x80);
            rest = rest[1..];
        }

        rest[0] = (byte)value;
        rest = rest[1..];
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var (i, shift) = (0, 0); i < bytes.Length && shift < 64; i++, shift += 7)
        {
            value |= (ulong)(bytes[i] & 0x7F) << shift;
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        throw Truncated();
    }

    private static FormatException Truncated() => new("The marks of a window row are cut short.");
}

/// <summary>The last applied offset of a source.</summary>
public readonly record struct Mark(SourceId Source, long Offset);
