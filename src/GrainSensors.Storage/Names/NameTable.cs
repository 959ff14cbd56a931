using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace GrainSensors.Storage.Names;

/// <summary>
/// Names and their numbers, of limited size: a hash table for each direction over records in large arrays, about 50 bytes a name.
/// Reading takes no lock and allocates nothing; a name is found with two cache misses. There is one writer at a time.
/// </summary>
/// <remarks>
/// A record is the number, the length of the name and the name. It is written before the slot that leads to it, and neither changes.
/// </remarks>
/// <param name="capacity">The greatest number of names.</param>
internal sealed class NameTable(int capacity)
{
    private const int ChunkBits = 16;
    private const int ChunkSize = 1 << ChunkBits;
    private const int HeaderSize = sizeof(int) + sizeof(ushort);

    /// <summary>Names are seldom longer than this on average. If they are, fewer fit.</summary>
    private const int AverageRecord = 64;

    private readonly byte[][] _chunks = new byte[1 + (int)((long)capacity * AverageRecord / ChunkSize)][];
    private Slots _slots = new(16);
    private int _next;

    public int Count { get; private set; }

    public static uint HashOf(ReadOnlySpan<byte> name)
    {
        var hash = default(HashCode);
        hash.AddBytes(name);
        return (uint)hash.ToHashCode();
    }

    /// <param name="hash">The hash of the name, <see cref="HashOf"/>.</param>
    public bool TryFind(ReadOnlySpan<byte> name, uint hash, out int number)
    {
        var slots = Volatile.Read(ref _slots).ByName;
        var mask = slots.Length - 1;
        for (var i = (int)hash & mask; Volatile.Read(ref slots[i]) is var slot and not 0; i = (i + 1) & mask)
        {
            if ((uint)(slot >> 32) == hash && RecordAt((int)slot) is var record && NameOf(record).SequenceEqual(name))
            {
                number = NumberOf(record);
                return true;
            }
        }

        number = 0;
        return false;
    }

    /// <param name="name">A copy of the name.</param>
    public bool TryFind(int number, out string name)
    {
        var slots = Volatile.Read(ref _slots).ByNumber;
        var mask = slots.Length - 1;
        for (var i = Mix(number) & mask; Volatile.Read(ref slots[i]) is var at and not 0; i = (i + 1) & mask)
        {
            if (RecordAt(at) is var record && NumberOf(record) == number)
            {
                name = Encoding.UTF8.GetString(NameOf(record));
                return true;
            }
        }

        name = "";
        return false;
    }

    /// <summary>Adds a name that the table does not have.</summary>
    /// <returns>False: the table is full.</returns>
    public bool TryAdd(ReadOnlySpan<byte> name, uint hash, int number)
    {
        var (size, at) = (HeaderSize + name.Length, _next);
        if ((at & (ChunkSize - 1)) + size > ChunkSize)
        {
            at = (at | (ChunkSize - 1)) + 1;
        }

        if (Count == capacity || at >> ChunkBits == _chunks.Length)
        {
            return false;
        }

        var record = (_chunks[at >> ChunkBits] ??= new byte[ChunkSize]).AsSpan(at & (ChunkSize - 1), size);
        BinaryPrimitives.WriteInt32LittleEndian(record, number);
        BinaryPrimitives.WriteUInt16LittleEndian(record[sizeof(int)..], (ushort)name.Length);
        name.CopyTo(record[HeaderSize..]);
        _next = at + size;
        if (++Count > _slots.ByName.Length / 4 * 3)
        {
            Grow();
        }

        Add(_slots, hash, at + 1, number);
        return true;
    }

    private void Grow()
    {
        var larger = new Slots(_slots.ByName.Length * 2);
        foreach (var slot in _slots.ByName)
        {
            if (slot != 0)
            {
                Add(larger, (uint)(slot >> 32), (int)slot, NumberOf(RecordAt((int)slot)));
            }
        }

        Volatile.Write(ref _slots, larger);
    }

    /// <param name="at">The place of the record, from 1 on; 0 is an empty slot.</param>
    private static void Add(Slots slots, uint hash, int at, int number)
    {
        var mask = slots.ByName.Length - 1;
        var i = (int)hash & mask;
        while (slots.ByName[i] != 0)
        {
            i = (i + 1) & mask;
        }

        Volatile.Write(ref slots.ByName[i], (ulong)hash << 32 | (uint)at);
        i = Mix(number) & mask;
        while (slots.ByNumber[i] != 0)
        {
            i = (i + 1) & mask;
        }

        Volatile.Write(ref slots.ByNumber[i], at);
    }

    private ReadOnlySpan<byte> RecordAt(int at) => _chunks[(at - 1) >> ChunkBits].AsSpan((at - 1) & (ChunkSize - 1));

    private static int NumberOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32LittleEndian(record);

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> record) =>
        record.Slice(HeaderSize, BinaryPrimitives.ReadUInt16LittleEndian(record[sizeof(int)..]));

    /// <summary>Numbers are random, except in tests.</summary>
    private static int Mix(int number) => (int)BitOperations.RotateLeft((uint)number * 0x9E3779B9, 16);

    /// <param name="length">A power of two.</param>
    private sealed class Slots(int length)
    {
        /// <summary>The hash and the place of each record, in one word.</summary>
        public readonly ulong[] ByName = new ulong[length];

        public readonly int[] ByNumber = new int[length];
    }
}
