using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>The cache of a partition with a fake clock, and the requests to its owner.</summary>
public abstract class CacheFixture : ICacheOwner
{
    private static readonly Guid TopicId = Guid.NewGuid();

    private protected FakeTimeProvider Clock { get; } = new();

    private protected List<Rewind> Rewinds { get; } = [];

    /// <summary>Requests to bring a stream back to the agent.</summary>
    private protected List<Rewind> Resumptions { get; } = [];

    /// <summary>Dead letters that Kafka has yet to acknowledge.</summary>
    private protected List<(long Offset, Action Written)> DeadLetters { get; } = [];

    private protected long NextOffset { get; set; }

    void ICacheOwner.Read(Rewind rewind) => Rewinds.Add(rewind);

    void ICacheOwner.Resume(Rewind rewind) => Resumptions.Add(rewind);

    void ICacheOwner.WriteDeadLetter(KafkaBatchContainer message, Exception? error, Action written) =>
        DeadLetters.Add((message.Offset, written));

    private protected PartitionCache Cache(Action<KafkaStreamOptions>? configure = null, int batchSize = 1, int maxRunLength = 1)
    {
        var agents = new StreamPullingAgentOptions { BatchContainerBatchSize = batchSize };
        var options = new KafkaStreamOptions();
        configure?.Invoke(options);
        return new(options, options.FailurePolicy, agents, maxRunLength, new("topic", TopicId, 0), Clock, NullLogger.Instance)
        {
            Owner = this,
        };
    }

    private protected void Add(PartitionCache cache, params string[] streams) =>
        cache.AddToCache([.. streams.Select(stream => Message(stream, NextOffset++))]);

    private protected static void AddAgain(PartitionCache cache, Rewind rewind, params long[] offsets) =>
        cache.AddToCache([.. offsets.Select(offset => new RewindMessage(rewind, RewindSignal.None, Message("a", offset)))]);

    private protected static void End(PartitionCache cache, Rewind rewind) =>
        cache.AddToCache([new RewindMessage(rewind, RewindSignal.Completed, null)]);

    /// <summary>Reports that a delivery has failed again and again, for as long as the agent retries.</summary>
    private protected void FailForGood(CacheCursor cursor)
    {
        Clock.Advance(new StreamPullingAgentOptions().MaxEventDeliveryTime);
        cursor.RecordDeliveryFailure();
    }

    private protected static void Purge(PartitionCache cache) => cache.TryPurgeFromCache(out _);

    private protected static List<long> Drain(CacheCursor cursor)
    {
        var offsets = new List<long>();
        while (cursor.MoveNext())
        {
            offsets.Add(((KafkaBatchContainer)cursor.GetCurrent(out _)!).Offset);
        }

        return offsets;
    }

    /// <returns>The offsets of each call.</returns>
    private protected static List<long[]> Runs(CacheCursor cursor, Action<long[]>? deliver = null)
    {
        var runs = new List<long[]>();
        while (cursor.MoveNext())
        {
            runs.Add(Attempt(cursor));
            deliver?.Invoke(runs[^1]);
        }

        return runs;
    }

    /// <summary>Delivers the current messages of the cursor, as the agent does.</summary>
    private protected static long[] Attempt(CacheCursor cursor)
    {
        var current = cursor.GetCurrent(out _)!;
        if (current is KafkaMessageRun)
        {
            current.ImportRequestContext();
        }

        return Offsets(current);
    }

    private protected static long[] Offsets(IBatchContainer container) =>
        container is KafkaMessageRun run ? [.. run.Offsets] : [((KafkaBatchContainer)container).Offset];

    private protected static KafkaBatchContainer Message(string stream, long offset, params MessageHeader[] headers) =>
        new(null!, Stream(stream), "topic", null, [], headers, Token(offset));

    private protected static StreamId Stream(string key) => StreamId.Create("ns", key);

    private protected static KafkaSequenceToken Token(long offset) => new(offset, 0);

    /// <summary>The token that an application has of an event in another partition.</summary>
    private protected static KafkaSequenceToken Elsewhere(long offset) => new(offset, 0, TopicId, 1);

    /// <summary>The token of a delivery in another partition.</summary>
    private protected static KafkaSequenceToken DeliveredElsewhere(long offset) => Elsewhere(offset).OfDelivery(0);
}
