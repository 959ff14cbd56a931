using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// What one pass over the topic remembers for the next: the marks, which letters are copies of each other, and where
/// those stand that a filter takes. Some 50 bytes for each letter and mark, however long they are.
/// </summary>
public sealed class DeadLetterIndex
{
    private readonly Dictionary<DeadLetterId, RequeueMark> _marks = [];
    private readonly HashSet<DeadLetterId> _markRecords = [];
    private readonly Dictionary<UInt128, DeadLetterId> _firsts = [];
    private readonly Dictionary<UInt128, List<DeadLetterId>> _copies = [];
    private readonly HashSet<DeadLetterId> _found = [];
    private readonly SortedDictionary<int, (long First, long Last)> _ranges = [];

    internal DeadLetterIndex(DeadLetterFilter filter) => Filter = filter;

    public DeadLetterFilter Filter { get; }

    /// <summary>By partition, from the first letter that the filter takes to the last.</summary>
    internal IReadOnlyDictionary<int, (long First, long Last)> Ranges => _ranges;

    /// <returns>Whether the filter names this id and there is such a letter.</returns>
    public bool Has(DeadLetterId id) => _found.Contains(id);

    /// <returns>Whether this is the id of a mark, which is no letter.</returns>
    public bool IsMark(DeadLetterId id) => _markRecords.Contains(id);

    internal void Add(ConsumeResult<Ignore, byte[]?> record)
    {
        if (RequeueMark.IsMark(record.Message))
        {
            _markRecords.Add(new(record.Partition, record.Offset));
            if (RequeueMark.TryRead(record.Message, out var marked, out var mark))
            {
                _marks.TryAdd(marked, mark);
            }

            return;
        }

        var letter = DeadLetterMessage.From(record);
        AddCopy(letter);
        if (Filter.Takes(letter))
        {
            var (partition, offset) = letter.Id;
            _ranges[partition] = _ranges.TryGetValue(partition, out var range) ? (range.First, offset) : (offset, offset);
            if (Filter.Ids is not null)
            {
                _found.Add(letter.Id);
            }
        }
    }

    internal DeadLetterRecord File(DeadLetterMessage letter)
    {
        var copies = Fingerprint(letter) is { } fingerprint && _copies.TryGetValue(fingerprint, out var all) ? all : [letter.Id];
        var mark = copies.Select(id => _marks.GetValueOrDefault(id)).FirstOrDefault(found => found is not null);
        return new(letter, copies, mark);
    }

    private void AddCopy(DeadLetterMessage letter)
    {
        if (Fingerprint(letter) is not { } fingerprint || _firsts.TryAdd(fingerprint, letter.Id))
        {
            return;
        }

        if (!_copies.TryGetValue(fingerprint, out var copies))
        {
            _copies.Add(fingerprint, copies = [_firsts[fingerprint]]);
        }

        copies.Add(letter.Id);
        copies.Sort();
    }

    /// <returns>The same for the same bytes from the same place; null: the place is not known.</returns>
    private static UInt128? Fingerprint(DeadLetterMessage letter)
    {
        if (letter.Source is null)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{letter.Source} {(letter.Bytes is null ? "null" : "bytes")} "));
        hash.AppendData(letter.Bytes ?? []);
        return BinaryPrimitives.ReadUInt128BigEndian(hash.GetHashAndReset());
    }
}
