using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Benchmarks.Ingest;

/// <summary>
/// The readings that both contenders read: keyed, one a second for each sensor, the sensors in turn, in the JSON of the
/// contract.
/// </summary>
/// <param name="from">Event time of the first readings, seconds since the epoch.</param>
internal sealed class ReadingLog(string bootstrapServers, string topic, int partitions, int sensors, long readings, long from)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);

    public long Readings => readings;

    /// <summary>By partition the offset after the last reading; known once it is filled.</summary>
    public long[] Ends { get; private set; } = [];

    /// <exception cref="InvalidOperationException">The broker does not hold all of it.</exception>
    public void Fill(CancellationToken cancellationToken)
    {
        KafkaLibrary.Load();
        var config = new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            CompressionType = CompressionType.Lz4,
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 100,
            BatchSize = 1024 * 1024,
            QueueBufferingMaxMessages = 1_000_000,
            EnableDeliveryReports = false,
        };
        using (var producer = new ProducerBuilder<byte[], byte[]>(config).Build())
        {
            var keys = Enumerable.Range(0, sensors).Select(sensor => Encoding.UTF8.GetBytes(FormattableString.Invariant($"{sensor}"))).ToArray();
            for (var i = 0L; i < readings; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Produce(producer, new() { Key = keys[i % sensors], Value = Json(i) });
            }

            producer.Flush(Patience);
        }

        Ends = Look();
    }

    /// <returns>71 bytes or so: <c>{"sensor_id":7,"timestamp":1732400000,"temperature":21.5,"humidity":60}</c>.</returns>
    private byte[] Json(long i) => Encoding.UTF8.GetBytes(FormattableString.Invariant(
        $"{{\"sensor_id\":{i % sensors},\"timestamp\":{from + (i / sensors)},\"temperature\":{15 + (i * 7 % 100 * 0.1):0.0},\"humidity\":{40 + (i % 20)}}}"));

    private void Produce(IProducer<byte[], byte[]> producer, Message<byte[], byte[]> message)
    {
        while (true)
        {
            try
            {
                producer.Produce(topic, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                Thread.Sleep(QueueFullPause);
            }
        }
    }

    private long[] Look()
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "benchmark-look" }).Build();
        var offsets = Enumerable.Range(0, partitions).Select(partition => consumer.QueryWatermarkOffsets(new(topic, partition), Timeout)).ToArray();
        var held = offsets.Sum(partition => partition.High.Value - partition.Low.Value);
        return held == readings
            ? Array.ConvertAll(offsets, partition => partition.High.Value)
            : throw new InvalidOperationException(
                $"The broker holds {held:N0} of {readings:N0} readings; the embedded one keeps 5 MiB a partition: give fewer readings or more partitions.");
    }
}
