namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>Messages that are handed to a client together: their bytes, and where each lies. Filled, sent, cleared, and filled again.</summary>
internal sealed unsafe class MessageChunk
{
    /// <summary>Nothing moves them while the client reads them.</summary>
    private readonly byte[] _bytes;

    private readonly NativeMessage[] _messages;

    /// <param name="capacity">Most messages.</param>
    /// <param name="bytes">Of keys and values together; a message that is longer has a chunk of its own.</param>
    public MessageChunk(int capacity, int bytes)
    {
        _messages = GC.AllocateUninitializedArray<NativeMessage>(capacity, pinned: true);
        _bytes = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
    }

    public int Count { get; private set; }

    /// <summary>Of keys and values together.</summary>
    public int Bytes { get; private set; }

    public Span<NativeMessage> Messages => _messages.AsSpan(0, Count);

    /// <param name="key">Empty: none.</param>
    /// <param name="tag">Whatever the message's report should carry.</param>
    /// <returns>False: it has no room for the message.</returns>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, nint tag)
    {
        if (Count == _messages.Length || _bytes.Length - Bytes < key.Length + value.Length)
        {
            return false;
        }

        fixed (byte* start = _bytes)
        {
            var free = start + Bytes;
            key.CopyTo(new(free, key.Length));
            value.CopyTo(new(free + key.Length, value.Length));
            _messages[Count++] = new(key.IsEmpty ? null : free, key.Length, free + key.Length, value.Length, tag);
        }

        Bytes += key.Length + value.Length;
        return true;
    }

    public void Clear() => Count = Bytes = 0;
}
