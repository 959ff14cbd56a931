namespace SchemaRegistry.Serialization.Internals.ProtobufJson;

/// <summary>
/// Where the fields of the open messages are, because a message may have them in any order and more than once. It is used again for the
/// next message.
/// </summary>
internal sealed class ProtobufScratch
{
    /// <summary>Memory for more is given back.</summary>
    private const int MaxKept = 64 * 1024;

    private Occurrence[] _occurrences = new Occurrence[64];
    private int[] _slots = new int[64];
    private int _occurrenceCount;
    private int _slotCount;

    public ref readonly Occurrence this[int index] => ref _occurrences[index];

    public void Clear()
    {
        (_occurrenceCount, _slotCount) = (0, 0);
        if (_occurrences.Length > MaxKept)
        {
            _occurrences = new Occurrence[MaxKept];
        }

        if (_slots.Length > MaxKept)
        {
            _slots = new int[MaxKept];
        }
    }

    /// <summary>Begins a message.</summary>
    public Frame Enter(ProtobufType type)
    {
        var frame = new Frame(_slotCount, _occurrenceCount, type.Fields.Length);
        var count = (2 * type.Fields.Length) + type.Oneofs;
        if (_slotCount + count > _slots.Length)
        {
            Array.Resize(ref _slots, Math.Max(_slotCount + count, 2 * _slots.Length));
        }

        _slots.AsSpan(_slotCount, count).Fill(Occurrence.None);
        _slotCount += count;
        return frame;
    }

    /// <summary>Ends the message that began last.</summary>
    public void Leave(in Frame frame) => (_slotCount, _occurrenceCount) = (frame.Slots, frame.Occurrences);

    /// <returns>The first occurrence of a field; <see cref="Occurrence.None"/> if the message does not have it.</returns>
    public int First(in Frame frame, int field) => _slots[frame.Slots + field];

    /// <returns>The last one.</returns>
    public int Last(in Frame frame, int field) => _slots[frame.Slots + frame.Fields + field];

    /// <returns>The index of what was added.</returns>
    public int Add(int start, int length, bool isPacked)
    {
        if (_occurrenceCount == _occurrences.Length)
        {
            Array.Resize(ref _occurrences, 2 * _occurrences.Length);
        }

        _occurrences[_occurrenceCount] = new(start, length, isPacked);
        return _occurrenceCount++;
    }

    /// <summary>Adds an occurrence of a field. It ends what the message had of another field of the same oneof.</summary>
    public void Add(in Frame frame, int field, int oneof, int start, int length, bool isPacked)
    {
        var added = Add(start, length, isPacked);
        if (oneof >= 0)
        {
            ref var chosen = ref _slots[frame.Slots + (2 * frame.Fields) + oneof];
            if (chosen >= 0 && chosen != field)
            {
                _slots[frame.Slots + chosen] = _slots[frame.Slots + frame.Fields + chosen] = Occurrence.None;
            }

            chosen = field;
        }

        ref var last = ref _slots[frame.Slots + frame.Fields + field];
        if (last == Occurrence.None)
        {
            _slots[frame.Slots + field] = added;
        }
        else
        {
            _occurrences[last].Next = added;
        }

        last = added;
    }

    /// <param name="Slots">The first slot: the first and last occurrences of fields, and the chosen fields of oneofs.</param>
    internal readonly record struct Frame(int Slots, int Occurrences, int Fields);

    /// <summary>The place of a value in the message.</summary>
    internal struct Occurrence(int start, int length, bool isPacked)
    {
        public const int None = -1;

        public readonly int Start = start;
        public readonly int Length = length;

        /// <summary>Whether it is a list of numbers, one after the other.</summary>
        public readonly bool IsPacked = isPacked;

        /// <summary>The next one of the same field.</summary>
        public int Next = None;
    }
}
