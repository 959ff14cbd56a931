using System.Runtime.InteropServices;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>librdkafka's <c>rd_kafka_message_t</c>, a message to be sent or one that came, or an event of a partition; part of its binary interface, so it never changes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct NativeMessage
{
    /// <summary>0: a message; else the code of the event, as in <see cref="Confluent.Kafka.ErrorCode"/>.</summary>
    private readonly int _error;

    private readonly nint _topic;
    private readonly int _partition;
    private readonly byte* _payload;
    private readonly nuint _length;
    private readonly byte* _key;
    private readonly nuint _keyLength;
    private readonly long _offset;
    private readonly nint _private;

    /// <summary>A message to be sent.</summary>
    /// <param name="key">Null: none.</param>
    /// <param name="tag">Whatever its report should carry.</param>
    public NativeMessage(byte* key, int keyLength, byte* payload, int length, nint tag)
    {
        _key = key;
        _keyLength = (nuint)keyLength;
        _payload = payload;
        _length = (nuint)length;
        _private = tag;
    }

    public Confluent.Kafka.ErrorCode Error => (Confluent.Kafka.ErrorCode)_error;

    /// <summary>Negative where an error is of no partition.</summary>
    public int Partition => _partition;

    /// <summary>Of an event at the end of a partition: that of the message to come.</summary>
    public long Offset => _offset;

    /// <summary>Of key and value together.</summary>
    public int Bytes => checked((int)(_keyLength + _length));

    /// <summary>Of a message that was sent: what it was given.</summary>
    public nint Tag => _private;

    /// <summary>The message has no value at all, which is not an empty one.</summary>
    public bool IsTombstone => _payload == null;

    /// <summary>The value, in the client's memory until the message is released; of an event its description.</summary>
    public ReadOnlySpan<byte> Payload => new(_payload, checked((int)_length));
}
