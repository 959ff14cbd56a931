using System.Runtime.InteropServices;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>
/// librdkafka's <c>rd_kafka_message_t</c>: a message to produce, a consumed message, or an event of a partition. Its layout is a part
/// of the binary interface and never changes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct NativeMessage
{
    /// <summary>0 for a message; otherwise the <see cref="Confluent.Kafka.ErrorCode"/> of an event.</summary>
    private readonly int _error;

    private readonly nint _topic;
    private readonly int _partition;
    private readonly byte* _payload;
    private readonly nuint _length;
    private readonly byte* _key;
    private readonly nuint _keyLength;
    private readonly long _offset;
    private readonly nint _private;

    /// <summary>Creates a message to produce.</summary>
    /// <param name="key">Null for a message without a key.</param>
    /// <param name="tag">Value for the report of the message.</param>
    public NativeMessage(byte* key, int keyLength, byte* payload, int length, nint tag)
    {
        _key = key;
        _keyLength = (nuint)keyLength;
        _payload = payload;
        _length = (nuint)length;
        _private = tag;
    }

    public Confluent.Kafka.ErrorCode Error => (Confluent.Kafka.ErrorCode)_error;

    /// <summary>The client's object for the topic, valid until the release of the message; 0 for an error without a topic.</summary>
    public nint Topic => _topic;

    /// <summary>Negative for an error without a partition.</summary>
    public int Partition => _partition;

    /// <summary>Offset of the message; for the end of a partition, the offset of the next message.</summary>
    public long Offset => _offset;

    /// <summary>Size of key and value.</summary>
    public int Bytes => checked((int)(_keyLength + _length));

    /// <summary>The tag of a produced message.</summary>
    public nint Tag => _private;

    /// <summary>Whether the message has no value; an empty value is not a tombstone.</summary>
    public bool IsTombstone => _payload == null;

    /// <summary>Whether the message has a key; an empty key is one.</summary>
    public bool HasKey => _key != null;

    /// <summary>The key, valid until the release of the message.</summary>
    public ReadOnlySpan<byte> Key => new(_key, checked((int)_keyLength));

    /// <summary>The value, valid until the release of the message; for an event its description.</summary>
    public ReadOnlySpan<byte> Payload => new(_payload, checked((int)_length));
}
