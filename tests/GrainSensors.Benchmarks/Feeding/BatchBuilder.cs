using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using K4os.Compression.LZ4;
using K4os.Compression.LZ4.Streams;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>
/// Makes a record batch of Kafka's protocol (magic 2), compressed by lz4 in blocks of 64 KiB as librdkafka does it: what is
/// sent while somebody is measured must be made before.
/// </summary>
internal sealed class BatchBuilder(int partition)
{
    /// <summary>A producer's batch of default size: <c>batch.num.messages</c> and <c>batch.size</c>.</summary>
    private const int MaxRecords = 10_000;
    private const int MaxBytes = 1_000_000;

    private const int HeaderLength = 61;
    private const int ChecksumAt = 17;
    private const int ChecksummedFrom = 21;
    private const short Lz4 = 3;
    private const int RecordOverhead = 24;

    private static readonly LZ4EncoderSettings Compression = new()
    {
        ChainBlocks = false,
        BlockSize = 64 * 1024,
        CompressionLevel = LZ4Level.L00_FAST,
    };

    private readonly byte[] _records = new byte[MaxBytes + ReadingText.MaxLength + RecordOverhead];
    private int _length;

    public int Count { get; private set; }

    public bool IsFull => Count == MaxRecords || _length >= MaxBytes;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        // Attributes, the delta of the time, the delta of the offset, key, value, and no headers.
        var length = 2 + VarintLength(Count) + VarintLength(key.Length) + key.Length + VarintLength(value.Length) + value.Length + 1;
        Varint(length);
        _records[_length++] = 0;
        _records[_length++] = 0;
        Varint(Count);
        Varint(key.Length);
        key.CopyTo(_records.AsSpan(_length));
        _length += key.Length;
        Varint(value.Length);
        value.CopyTo(_records.AsSpan(_length));
        _length += value.Length;
        _records[_length++] = 0;
        Count++;
    }

    /// <summary>What was added, and begins anew.</summary>
    /// <param name="at">The time that the messages bear, ms since the epoch.</param>
    public Batch Take(long at)
    {
        var output = new ArrayBufferWriter<byte>(HeaderLength + (_length / 2));
        output.GetSpan(HeaderLength)[..HeaderLength].Clear();
        output.Advance(HeaderLength);
        LZ4Frame.Encode(_records.AsSpan(0, _length), output, Compression);
        var bytes = new byte[output.WrittenCount];
        output.WrittenSpan.CopyTo(bytes);
        WriteHeader(bytes, at);
        var batch = new Batch(partition, Count, bytes);
        (_length, Count) = (0, 0);
        return batch;
    }

    private void WriteHeader(Span<byte> bytes, long at)
    {
        // The base offset, zero, is the broker's to replace.
        BinaryPrimitives.WriteInt32BigEndian(bytes[8..], bytes.Length - 12);
        bytes[16] = 2;
        BinaryPrimitives.WriteInt16BigEndian(bytes[ChecksummedFrom..], Lz4);
        BinaryPrimitives.WriteInt32BigEndian(bytes[23..], Count - 1);
        BinaryPrimitives.WriteInt64BigEndian(bytes[27..], at);
        BinaryPrimitives.WriteInt64BigEndian(bytes[35..], at);

        // No idempotent producer: its id, epoch and sequence are −1.
        bytes[43..57].Fill(0xFF);
        BinaryPrimitives.WriteInt32BigEndian(bytes[57..], Count);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[ChecksumAt..], Checksum(bytes[ChecksummedFrom..]));
    }

    /// <returns>CRC-32C.</returns>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    private void Varint(int number)
    {
        var rest = (uint)((number << 1) ^ (number >> 31));
        for (; rest >= 0x80; rest >>= 7)
        {
            _records[_length++] = (byte)(rest | 0x80);
        }

        _records[_length++] = (byte)rest;
    }

    private static int VarintLength(int number) => number < 1 << 6 ? 1 : number < 1 << 13 ? 2 : 3;
}
