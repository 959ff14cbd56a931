using System.Globalization;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>A broker with dead letters in it, and the commands about them.</summary>
internal sealed class DeadLetters : IDisposable
{
    public const string Topic = "sensor-data-dlq";
    public const string Readings = "sensor-data";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly EmbeddedBroker _broker = new([Readings, Topic], partitions: 2);
    private readonly IProducer<byte[]?, byte[]?> _producer;

    public DeadLetters() =>
        _producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers }).Build();

    public string Kafka => _broker.BootstrapServers;

    /// <summary>Writes a dead letter as the pipeline does.</summary>
    /// <param name="at">Kafka's timestamp; null: now.</param>
    /// <returns>The id of the dead letter.</returns>
    public async Task<string> WriteAsync(
        byte[]? bytes,
        string reason = "not-json",
        string source = "sensor-data:0:0",
        int partition = 0,
        int? originalSize = null,
        DateTimeOffset? at = null)
    {
        var headers = new Headers();
        void Add(string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));
        Add("reason", reason);
        var place = source.Split(':');
        Add("source.topic", place[0]);
        Add("source.partition", place[1]);
        Add("source.offset", place[2]);
        if (originalSize is { } size)
        {
            Add("original.size", size.ToString(CultureInfo.InvariantCulture));
        }

        var timestamp = at is { } time ? new Timestamp(time) : Timestamp.Default;
        var message = new Message<byte[]?, byte[]?> { Value = bytes, Headers = headers, Timestamp = timestamp };
        var written = await _producer.ProduceAsync(new TopicPartition(Topic, partition), message);
        return $"{written.Partition.Value}:{written.Offset.Value}";
    }

    public Task<string> WriteAsync(
        string text, string reason = "not-json", string source = "sensor-data:0:0", int partition = 0, DateTimeOffset? at = null) =>
        WriteAsync(Encoding.UTF8.GetBytes(text), reason, source, partition, null, at);

    /// <summary>Delays every answer of the broker.</summary>
    public void SetRoundTrip(TimeSpan time) => _broker.SetRoundTrip(time);

    /// <summary>Starts <c>grainsensors dlq …</c> on this broker.</summary>
    public Executable Start(params string[] arguments) => Executable.Start(null, ["dlq", .. arguments, "--kafka", Kafka]);

    /// <summary>Runs <c>grainsensors dlq …</c> on this broker, in this process.</summary>
    public Task<Executable.Result> RunAsync(params string[] arguments) => Command.RunAsync(["dlq", .. arguments, "--kafka", Kafka]);

    /// <summary>Waits until a requeue has produced a reading.</summary>
    public async Task UntilAnyReadingAsync()
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Kafka, GroupId = "test" }).Build();
        await Until.Async(
            () => Enumerable.Range(0, 2).Any(partition => consumer.QueryWatermarkOffsets(new(Readings, partition), Patience).High > 0),
            () => "no reading",
            TimeSpan.FromSeconds(60));
    }

    /// <returns>All records of a topic, partition after partition.</returns>
    public List<ConsumeResult<byte[]?, byte[]?>> Read(string topic)
    {
        var config = new ConsumerConfig { BootstrapServers = Kafka, GroupId = "test", EnablePartitionEof = true };
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(config).Build();
        var records = new List<ConsumeResult<byte[]?, byte[]?>>();
        for (var partition = 0; partition < 2; partition++)
        {
            consumer.Assign(new TopicPartitionOffset(topic, partition, 0));
            while (consumer.Consume(Patience) is { IsPartitionEOF: false } record)
            {
                records.Add(record);
            }
        }

        consumer.Close();
        return records;
    }

    /// <returns>The headers as <c>name=value</c>, in the order of their names.</returns>
    public static string HeadersOf(ConsumeResult<byte[]?, byte[]?> record)
    {
        var headers = record.Message.Headers.Select(header => $"{header.Key}={Encoding.UTF8.GetString(header.GetValueBytes())}");
        return string.Join(' ', headers.Order(StringComparer.Ordinal));
    }

    public void Dispose()
    {
        _producer.Dispose();
        _broker.Dispose();
    }
}
