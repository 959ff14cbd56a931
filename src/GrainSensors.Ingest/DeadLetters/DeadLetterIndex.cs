using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// The result of one pass over the dead-letter topic: requeue markers, copies of the same dead letter, and the offsets of the
/// dead letters that a filter selects. It takes about 50 bytes for each record, regardless of its size.
/// </summary>
public sealed class DeadLetterIndex
{
    private readonly Dictionary<DeadLetterId, RequeueMarker> _markers = [];
    private readonly HashSet<DeadLetterId> _markerIds = [];
    private readonly Dictionary<UInt128, DeadLetterId> _firsts = [];
    private readonly Dictionary<UInt128, List<DeadLetterId>> _copies = [];
    private readonly HashSet<DeadLetterId> _found = [];
    private readonly SortedDictionary<int, (long First, long Last)> _ranges = [];

    internal DeadLetterIndex(DeadLetterFilter filter) => Filter = filter;

    /// <summary>The filter of the pass.</summary>
    public DeadLetterFilter Filter { get; }

    /// <summary>By partition, the offsets of the first and the last dead letter that the filter selects.</summary>
    internal IReadOnlyDictionary<int, (long First, long Last)> Ranges => _ranges;

    /// <returns>Whether the filter names this id and the dead letter exists.</returns>
    public bool Has(DeadLetterId id) => _found.Contains(id);

    /// <returns>Whether this is the id of a requeue marker rather than of a dead letter.</returns>
    public bool IsMarker(DeadLetterId id) => _markerIds.Contains(id);

    internal void Add(ConsumeResult<byte[]?, byte[]?> record)
    {
        if (RequeueMarker.IsMarker(record.Message))
        {
            _markerIds.Add(new(record.Partition, record.Offset));
            if (RequeueMarker.TryRead(record.Message, out var marked, out var marker))
            {
                _markers.TryAdd(marked, marker);
            }

            return;
        }

        var deadLetter = DeadLetterMessage.From(record);
        AddCopy(deadLetter);
        if (Filter.Matches(deadLetter))
        {
            var (partition, offset) = deadLetter.Id;
            _ranges[partition] = _ranges.TryGetValue(partition, out var range) ? (range.First, offset) : (offset, offset);
            if (Filter.Ids is not null)
            {
                _found.Add(deadLetter.Id);
            }
        }
    }

    /// <returns>The dead letter with its copies and its marker.</returns>
    internal DeadLetterRecord Lookup(DeadLetterMessage deadLetter)
    {
        var copies = Fingerprint(deadLetter) is { } fingerprint && _copies.TryGetValue(fingerprint, out var all) ? all : [deadLetter.Id];
        var marker = copies.Select(id => _markers.GetValueOrDefault(id)).FirstOrDefault(found => found is not null);
        return new(deadLetter, copies, marker);
    }

    private void AddCopy(DeadLetterMessage deadLetter)
    {
        if (Fingerprint(deadLetter) is not { } fingerprint || _firsts.TryAdd(fingerprint, deadLetter.Id))
        {
            return;
        }

        if (!_copies.TryGetValue(fingerprint, out var copies))
        {
            _copies.Add(fingerprint, copies = [_firsts[fingerprint]]);
        }

        copies.Add(deadLetter.Id);
        copies.Sort();
    }

    /// <returns>A hash of the source and the bytes. Null if the source is not known.</returns>
    private static UInt128? Fingerprint(DeadLetterMessage deadLetter)
    {
        if (deadLetter.Source is null)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{deadLetter.Source} {(deadLetter.Bytes is null ? "null" : "bytes")} "));
        hash.AppendData(deadLetter.Bytes ?? []);
        return BinaryPrimitives.ReadUInt128BigEndian(hash.GetHashAndReset());
    }
}
