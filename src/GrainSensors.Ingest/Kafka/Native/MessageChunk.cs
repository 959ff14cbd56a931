namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>Messages for one call of a bulk producer, in reusable buffers.</summary>
internal sealed unsafe class MessageChunk
{
    /// <summary>Pinned, because the client reads the bytes.</summary>
    private readonly byte[] _bytes;

    private readonly NativeMessage[] _messages;

    /// <param name="capacity">Maximum number of messages.</param>
    /// <param name="bytes">Maximum size of all keys and values; a larger message needs a chunk of its own.</param>
    public MessageChunk(int capacity, int bytes)
    {
        _messages = GC.AllocateUninitializedArray<NativeMessage>(capacity, pinned: true);
        _bytes = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
    }

    public int Count { get; private set; }

    /// <summary>Size of all keys and values.</summary>
    public int Bytes { get; private set; }

    public Span<NativeMessage> Messages => _messages.AsSpan(0, Count);

    /// <param name="key">Empty for a message without a key.</param>
    /// <param name="tag">Value for the report of the message.</param>
    /// <returns>False if the chunk has no space for the message.</returns>
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
