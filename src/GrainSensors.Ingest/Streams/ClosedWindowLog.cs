using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Streams;

/// <summary>Reads new messages of the topic of closed windows without joining a consumer group.</summary>
/// <remarks>One caller at a time may use it.</remarks>
public sealed class ClosedWindowLog : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly KafkaOptions _options;
    private readonly IConsumer<Ignore, byte[]?> _consumer;
    private readonly Dictionary<int, long> _positions;

    private ClosedWindowLog(KafkaOptions options, IConsumer<Ignore, byte[]?> consumer, Dictionary<int, long> positions) =>
        (_options, _consumer, _positions) = (options, consumer, positions);

    /// <summary>The offset of the next message, by partition.</summary>
    public IReadOnlyDictionary<int, long> Positions => _positions;

    /// <summary>Opens the topic.</summary>
    /// <param name="options">The connection and the name of the topic.</param>
    /// <param name="from">The first offset, by partition. Other partitions start at their end.</param>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or does not have the topic.</exception>
    public static Task<ClosedWindowLog> OpenAsync(KafkaOptions options, IReadOnlyDictionary<int, long> from) =>
        KafkaUnavailableException.GuardAsync(options, () => Task.Run(() => Open(options, from)));

    /// <summary>Reads the messages that have arrived.</summary>
    /// <param name="most">The number of messages at most.</param>
    /// <param name="patience">How long to wait for the first message.</param>
    /// <returns>The closed windows, in order within a partition. Other messages are skipped.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or refuses.</exception>
    public IReadOnlyList<ClosedWindowEvent> Read(int most, TimeSpan patience) => KafkaUnavailableException.Guard(_options, () =>
    {
        var events = new List<ClosedWindowEvent>();
        for (var i = 0; i < most && _consumer.Consume(i == 0 ? patience : TimeSpan.Zero) is { } record; i++)
        {
            if (record.IsPartitionEOF)
            {
                continue;
            }

            _positions[record.Partition] = record.Offset + 1;
            if (record.Message.Value is { } value && SensorOf(value) is { } sensor)
            {
                events.Add(new(record.Partition, record.Offset, sensor, value));
            }
        }

        return events;
    });

    /// <summary>Closes the consumer.</summary>
    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }

    private static ClosedWindowLog Open(KafkaOptions options, IReadOnlyDictionary<int, long> from)
    {
        var clients = new KafkaClients(options, NullLogger<KafkaClients>.Instance);
        using var admin = clients.Admin();
        var topic = admin.GetMetadata(Timeout).Topics.Find(topic => topic.Topic == options.WindowTopic);
        if (topic is null || topic.Partitions.Count == 0)
        {
            throw new KafkaUnavailableException(
                $"Kafka at \"{options.BootstrapServers}\" has no topic \"{options.WindowTopic}\"; "
                + $"check the address and {KafkaOptions.Section}:{nameof(KafkaOptions.WindowTopic)}.");
        }

        var consumer = clients.LogReader($"{options.GroupId}-events");
        try
        {
            var positions = topic.Partitions.ToDictionary(partition => partition.PartitionId, partition =>
            {
                var ends = consumer.QueryWatermarkOffsets(new(options.WindowTopic, partition.PartitionId), Timeout);
                return !from.TryGetValue(partition.PartitionId, out var offset) ? ends.High.Value

                    // An offset below the log was removed by retention. An offset beyond its end is from an earlier topic of that name.
                    : offset < ends.Low.Value || offset > ends.High.Value ? ends.Low.Value
                    : offset;
            });
            consumer.Assign(positions.Select(at => new TopicPartitionOffset(options.WindowTopic, at.Key, at.Value)));
            return new(options, consumer, positions);
        }
        catch
        {
            consumer.Dispose();
            throw;
        }
    }

    private static SensorRef? SensorOf(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("sensor_id"u8, out var id)
                ? SensorRef.Read(id)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
