using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// The readings of a batch whose sensors have names without known numbers, in their order. Each name is kept once. The messages are
/// kept in one array: those of names that get no number become dead letters.
/// </summary>
internal sealed class UnnamedReadings
{
    private readonly List<Kept> _kept = [];
    private readonly List<byte[]> _names = [];
    private Dictionary<byte[], int> _indices = NewIndices();
    private byte[] _bytes = [];

    public int Count => _kept.Count;

    /// <summary>The names, each once.</summary>
    public IReadOnlyList<byte[]> Names => _names;

    /// <summary>The size of the messages.</summary>
    public int Bytes { get; private set; }

    /// <returns>The index of a reading's name in <see cref="Names"/>.</returns>
    public int NameOf(int reading) => _kept[reading].Name;

    public void Add(in UnnamedMessage message)
    {
        var lookup = _indices.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(message.Name, out var name))
        {
            name = _names.Count;
            _names.Add(message.Name.ToArray());
            _indices.Add(_names[name], name);
        }

        _kept.Add(new(
            name, message.Topic, message.Partition, message.Offset, Bytes, message.HasKey ? message.Key.Length : null,
            message.Value.Length, message.Headers ?? [], message.Timestamp));
        Keep(message.Key);
        Keep(message.Value);
    }

    /// <returns>A copy of the message of a reading, without a reason.</returns>
    public DeadLetter MessageOf(int reading)
    {
        var kept = _kept[reading];
        var key = kept.KeyLength is { } length ? _bytes[kept.Start..(kept.Start + length)] : null;
        var value = _bytes.AsSpan(kept.Start + (kept.KeyLength ?? 0), kept.ValueLength).ToArray();
        return new(
            kept.Topic, kept.Partition, kept.Offset, RejectReason.None, "", value, new(key, kept.Headers, kept.Timestamp));
    }

    /// <summary>Most batches have none, so that nothing is kept for the next ones.</summary>
    public void Clear()
    {
        if (Count > 0)
        {
            _kept.Clear();
            _names.Clear();
            (_indices, _bytes, Bytes) = (NewIndices(), [], 0);
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - Bytes < bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Bytes + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(Bytes));
        Bytes += bytes.Length;
    }

    private static Dictionary<byte[], int> NewIndices() => new(Utf8Comparer.Instance);

    private readonly record struct Kept(
        int Name, string Topic, int Partition, long Offset, int Start, int? KeyLength, int ValueLength,
        IReadOnlyList<IHeader> Headers, long? Timestamp);
}
