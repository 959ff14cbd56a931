using System.Runtime.InteropServices;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>librdkafka's <c>rd_kafka_vu_t</c>: one part of a message to produce, with its kind.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal readonly unsafe struct ProduceArgument
{
    private const int TopicKind = 2, PartitionKind = 3, ValueKind = 4, KeyKind = 5, TagKind = 6, FlagsKind = 7, HeadersKind = 10;

    [FieldOffset(0)]
    private readonly int _kind;

    [FieldOffset(8)]
    private readonly nint _value;

    [FieldOffset(16)]
    private readonly nint _length;

    private ProduceArgument(int kind, nint value, int length = 0) => (_kind, _value, _length) = (kind, value, length);

    public static ProduceArgument Topic(nint topic) => new(TopicKind, topic);

    public static ProduceArgument Partition(int partition) => new(PartitionKind, partition);

    public static ProduceArgument Value(byte* value, int length) => new(ValueKind, (nint)value, length);

    public static ProduceArgument Key(byte* key, int length) => new(KeyKind, (nint)key, length);

    public static ProduceArgument Tag(nint tag) => new(TagKind, tag);

    public static ProduceArgument Flags(int flags) => new(FlagsKind, flags);

    public static ProduceArgument Headers(nint list) => new(HeadersKind, list);
}
