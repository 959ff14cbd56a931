using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Orleans.Streaming.Kafka.Internals.Observability;

/// <summary>
/// The metrics of a provider, from the meter <c>Orleans.Streaming.Kafka</c>. Names and attributes are those of OpenTelemetry's conventions
/// for messaging where it has one.
/// </summary>
internal sealed class StreamMetrics : IDisposable
{
    public const string MeterName = "Orleans.Streaming.Kafka";

    private static readonly KeyValuePair<string, object?> System = new("messaging.system", "kafka");

    private readonly Meter _meter;
    private readonly bool _isOwner;
    private readonly KeyValuePair<string, object?> _provider;
    private readonly KeyValuePair<string, object?> _group;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _consumed;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _tombstones;
    private readonly Counter<long> _commitFailures;
    private readonly Counter<long> _readerFailures;

    /// <param name="meters">Creates the meter; null outside of a host.</param>
    public StreamMetrics(string provider, string group, IMeterFactory? meters)
    {
        _isOwner = meters is null;
        _meter = meters?.Create(MeterName) ?? new(MeterName);
        _provider = new("orleans.stream.provider", provider);
        _group = new("messaging.consumer.group.name", group);
        _sent = Counter("messaging.client.sent.messages", "{message}", "Messages that Kafka has acknowledged or refused.");
        _consumed = Counter("messaging.client.consumed.messages", "{message}", "Messages that pulling agents have taken.");
        _deadLetters = Counter("orleans.streaming.kafka.dead_letters", "{message}", "Dead letters that Kafka has acknowledged.");
        _tombstones = Counter("orleans.streaming.kafka.tombstones.skipped", "{message}", "Messages without a value that were skipped.");
        _commitFailures = Counter("orleans.streaming.kafka.commit.failures", "{commit}", "Failed commits of a partition.");
        _readerFailures = Counter("orleans.streaming.kafka.reader.failures", "{failure}", "Failures that have replaced the consumer.");
    }

    /// <summary>Adds the gauges of the partitions that the silo reads.</summary>
    public void Observe(Func<IEnumerable<PartitionState>> partitions)
    {
        Gauge("orleans.streaming.kafka.lag", "{message}", "Undelivered messages of a partition.", partition => partition.Lag);
        Gauge("orleans.streaming.kafka.cache.size", "By", "Bytes of the cached messages of a partition.",
            partition => partition.CachedBytes);
        Gauge("orleans.streaming.kafka.cache.streams", "{stream}", "Streams with cached messages or subscribers.",
            partition => partition.Streams);
        Gauge("orleans.streaming.kafka.stopped", "{partition}", "1 for a partition that a failed message has stopped.",
            partition => partition.IsStopped ? 1 : 0);

        void Gauge(string name, string unit, string description, Func<PartitionState, long?> value) => _meter.CreateObservableGauge(
            name,
            () => partitions().Where(partition => value(partition) is not null).Select(partition => new Measurement<long>(
                value(partition)!.Value, _provider, _group, Topic(partition.Topic), Partition(partition.Partition))),
            unit,
            description);
    }

    public void Sent(string topic, string? errorType)
    {
        if (!_sent.Enabled)
        {
            return;
        }

        var tags = new TagList { System, _provider, new("messaging.operation.name", "send"), Topic(topic) };
        if (errorType is not null)
        {
            tags.Add("error.type", errorType);
        }

        _sent.Add(1, tags);
    }

    public void Consumed(string topic, int partition, int messages) => _consumed.Add(
        messages, new TagList { System, _provider, _group, new("messaging.operation.name", "poll"), Topic(topic), Partition(partition) });

    public void DeadLetter(string topic, int partition, Exception? error) => _deadLetters.Add(
        1, new TagList { _provider, Topic(topic), Partition(partition), new("error.type", error?.GetType().FullName ?? "_OTHER") });

    public void TombstoneSkipped(string topic) => _tombstones.Add(1, new TagList { _provider, Topic(topic) });

    public void CommitFailed(string topic, int partition) => _commitFailures.Add(
        1, new TagList { _provider, _group, Topic(topic), Partition(partition) });

    public void ReaderFailed(Exception error) => _readerFailures.Add(
        1, new TagList { _provider, new("error.type", error.GetType().FullName) });

    /// <summary>A factory disposes the meters that it creates.</summary>
    public void Dispose()
    {
        if (_isOwner)
        {
            _meter.Dispose();
        }
    }

    private static KeyValuePair<string, object?> Topic(string topic) => new("messaging.destination.name", topic);

    private static KeyValuePair<string, object?> Partition(int partition) => new("messaging.destination.partition.id", $"{partition}");

    private Counter<long> Counter(string name, string unit, string description) => _meter.CreateCounter<long>(name, unit, description);
}
