using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>
/// Sends batches as they are, by Kafka's protocol (Produce, version 7, which every broker since 2.1 takes). A client would
/// make them first: that costs as much as the loops that are measured beside it on the same cores.
/// </summary>
internal sealed class ProduceConnection : IDisposable
{
    private const short ProduceKey = 0;
    private const short ProduceVersion = 7;
    private const short LeaderHasIt = 1;
    private const int TimeoutMs = 30_000;

    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;
    private readonly byte[] _topic;
    private byte[] _buffer = new byte[1 << 20];
    private int _length;
    private int _correlation;

    public ProduceConnection(string host, int port, string topic)
    {
        _topic = Encoding.UTF8.GetBytes(topic);
        _tcp = new(host, port) { NoDelay = true };
        _stream = _tcp.GetStream();
    }

    /// <summary>Sends the batches, one of a partition at most, and waits until the broker has them.</summary>
    /// <exception cref="IOException">It does not take them.</exception>
    public void Send(IReadOnlyCollection<Batch> batches)
    {
        _length = sizeof(int);
        Int16(ProduceKey);
        Int16(ProduceVersion);
        Int32(++_correlation);
        Text("benchmark"u8);

        // No transaction.
        Int16(-1);
        Int16(LeaderHasIt);
        Int32(TimeoutMs);
        Int32(1);
        Text(_topic);
        Int32(batches.Count);
        foreach (var batch in batches)
        {
            Int32(batch.Partition);
            Int32(batch.Bytes.Length);
            batch.Bytes.Span.CopyTo(Room(batch.Bytes.Length));
        }

        BinaryPrimitives.WriteInt32BigEndian(_buffer, _length - sizeof(int));
        _stream.Write(_buffer, 0, _length);
        ReadAnswer();
    }

    public void Dispose() => _tcp.Dispose();

    private void ReadAnswer()
    {
        Span<byte> size = stackalloc byte[sizeof(int)];
        _stream.ReadExactly(size);
        var answer = new byte[BinaryPrimitives.ReadInt32BigEndian(size)];
        _stream.ReadExactly(answer);

        // Correlation, topics (one), its name, partitions; of each: number, error, offset, time, first offset.
        var at = sizeof(int) + sizeof(int);
        at += sizeof(short) + BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(at));
        var partitions = BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(at));
        at += sizeof(int);
        for (; partitions > 0; partitions--, at += sizeof(int) + sizeof(short) + (3 * sizeof(long)))
        {
            if (BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(at + sizeof(int))) is var error and not 0)
            {
                throw new IOException(
                    $"The broker refuses readings for partition {BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(at))}: "
                    + $"{(Confluent.Kafka.ErrorCode)error}.");
            }
        }
    }

    private void Int16(short number) => BinaryPrimitives.WriteInt16BigEndian(Room(sizeof(short)), number);

    private void Int32(int number) => BinaryPrimitives.WriteInt32BigEndian(Room(sizeof(int)), number);

    private void Text(ReadOnlySpan<byte> text)
    {
        Int16((short)text.Length);
        text.CopyTo(Room(text.Length));
    }

    private Span<byte> Room(int length)
    {
        if (_length + length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _length + length));
        }

        _length += length;
        return _buffer.AsSpan(_length - length, length);
    }
}
