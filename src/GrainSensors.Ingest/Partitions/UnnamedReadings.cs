using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Ingest.Partitions;

/// <summary>
/// The readings of a batch whose sensors have names without known numbers, in their order. Each name is kept once, and so is each
/// message, all in one array: those of names that get no number become dead letters.
/// </summary>
internal sealed class UnnamedReadings
{
    private readonly List<(int Name, int Message, int Index)> _readings = [];
    private readonly List<Kept> _messages = [];
    private readonly List<byte[]> _names = [];
    private Dictionary<byte[], int> _indices = NewIndices();
    private byte[] _bytes = [];

    public int Count => _readings.Count;

    /// <summary>The names, each once.</summary>
    public IReadOnlyList<byte[]> Names => _names;

    /// <summary>The size of the messages.</summary>
    public int Bytes { get; private set; }

    /// <returns>The index of a reading's name in <see cref="Names"/>.</returns>
    public int NameOf(int reading) => _readings[reading].Name;

    /// <returns>The number of a reading's message among those of the batch.</returns>
    public int MessageOf(int reading) => _readings[reading].Message;

    /// <returns>The index of a reading in its message; −1: the message is the reading.</returns>
    public int IndexOf(int reading) => _readings[reading].Index;

    /// <summary>Keeps a message that is one reading.</summary>
    /// <param name="utf8">The name of the sensor.</param>
    public void Add(in UnnamedMessage message, ReadOnlySpan<byte> utf8)
    {
        Keep(in message);
        Add(utf8, index: -1);
    }

    /// <summary>Keeps a message if readings of it have names without numbers.</summary>
    /// <param name="readings">These readings, by their index in the message.</param>
    public void Add(in UnnamedMessage message, IReadOnlyList<(byte[] Name, int Index)> readings)
    {
        if (readings.Count == 0)
        {
            return;
        }

        Keep(in message);
        foreach (var (name, index) in readings)
        {
            Add(name, index);
        }
    }

    private void Keep(in UnnamedMessage message)
    {
        _messages.Add(new(
            message.Topic, message.Partition, message.Offset, Bytes, message.HasKey ? message.Key.Length : null,
            message.Value.Length, message.Headers ?? [], message.Timestamp));
        Keep(message.Key);
        Keep(message.Value);
    }

    private void Add(ReadOnlySpan<byte> utf8, int index)
    {
        var lookup = _indices.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(utf8, out var name))
        {
            name = _names.Count;
            _names.Add(utf8.ToArray());
            _indices.Add(_names[name], name);
        }

        _readings.Add((name, _messages.Count - 1, index));
    }

    /// <param name="message">See <see cref="MessageOf"/>.</param>
    /// <returns>A copy of the message, without a reason.</returns>
    public DeadLetter LetterOf(int message)
    {
        var kept = _messages[message];
        var key = kept.KeyLength is { } length ? _bytes[kept.Start..(kept.Start + length)] : null;
        var value = _bytes.AsSpan(kept.Start + (kept.KeyLength ?? 0), kept.ValueLength).ToArray();
        return new(
            kept.Topic, kept.Partition, kept.Offset, RejectReason.None, "", value, new(key, kept.Headers, kept.Timestamp));
    }

    /// <summary>Most batches have none, so that nothing is kept for the next ones.</summary>
    public void Clear()
    {
        if (_messages.Count > 0)
        {
            _readings.Clear();
            _messages.Clear();
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
        string Topic, int Partition, long Offset, int Start, int? KeyLength, int ValueLength, IReadOnlyList<IHeader> Headers,
        long? Timestamp);
}
