using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>A partition, its cache, and a pulling agent that deals with both as that of Orleans does.</summary>
internal sealed class ModelPartition : ICacheOwner
{
    private static readonly Guid TopicId = Guid.NewGuid();
    private static readonly StreamPullingAgentOptions Agents = new();

    private readonly FakeTimeProvider _clock = new();
    private readonly ModelTopic _topic;
    private readonly Dictionary<ModelSubscriber, Consumer> _consumers = [];
    private readonly HashSet<int> _registered = [];
    private readonly List<(Rewind Rewind, long Next)> _rewinds = [];
    private readonly List<Rewind> _resumptions = [];
    private PartitionCache _cache = null!;
    private int _next;

    public ModelPartition(int number, ModelTopic topic)
    {
        (Number, _topic) = (number, topic);
        Start();
    }

    public int Number { get; }

    /// <summary>The stream of each message, by offset.</summary>
    public List<int> Log { get; } = [];

    public int Committed { get; private set; }

    public HashSet<int> DeadLetters { get; } = [];

    public void Read(Rewind rewind) => _rewinds.Add((rewind, rewind.From));

    public void Resume(Rewind rewind) => _resumptions.Add(rewind);

    public void WriteDeadLetter(KafkaBatchContainer message, Exception? error, Action written)
    {
        DeadLetters.Add((int)message.Offset);
        written();
    }

    /// <summary>Commits, and reads a few messages.</summary>
    public void Pump(int messages)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        if (_cache.TryPurgeFromCache(out _))
        {
            Commit();
        }

        ResumeStreams();
        var last = Math.Min(_next + messages, Log.Count);
        var batch = Enumerable.Range(_next, last - _next).Select(offset => Message(offset)).ToList();
        _next = last;
        _cache.AddToCache([.. batch]);
        foreach (var group in batch.GroupBy(message => message.StreamId))
        {
            Wake(group.Key);
            Register(group.Key, group.First().Token);
        }
    }

    public void Join(ModelSubscriber subscriber)
    {
        if (_registered.Contains(subscriber.Stream))
        {
            Handshake(subscriber, null);
        }
    }

    public void Leave(ModelSubscriber subscriber)
    {
        if (_consumers.Remove(subscriber, out var consumer))
        {
            consumer.Cursor.Dispose();
        }
    }

    /// <summary>
    /// The agent drops a stream that is quiet, and whose cursors have nothing for their subscribers, also in the midst of a rewind.
    /// </summary>
    public void Forget(int stream)
    {
        var consumers = _consumers.Where(pair => pair.Key.Stream == stream).ToList();
        if (consumers.TrueForAll(pair => pair.Value.IsIdle) && _registered.Remove(stream))
        {
            foreach (var subscriber in consumers.Select(pair => pair.Key))
            {
                Leave(subscriber);
            }
        }
    }

    public void Deliver(ModelSubscriber subscriber)
    {
        if (!_consumers.TryGetValue(subscriber, out var consumer) || Take(consumer) is not { } message)
        {
            return;
        }

        if (subscriber.Position is { } position && !position.Equals(consumer.Last))
        {
            // The subscriber was elsewhere, or answers with the position that it has acknowledged.
            var last = consumer.Cursor;
            consumer.Cursor = Open(subscriber, position, out consumer.Pending);
            consumer.Last = position;
            last.Dispose();
        }
        else if (!message.Token.Equals(subscriber.Position))
        {
            subscriber.Received.Add((Number, (int)message.Offset));
            subscriber.Position = consumer.Last = message.Token;
        }
    }

    /// <summary>Retries a delivery in vain. Whether the agent goes on depends on what comes next.</summary>
    public void Fail(ModelSubscriber subscriber)
    {
        if (_consumers.TryGetValue(subscriber, out var consumer) && Take(consumer) is not null)
        {
            _clock.Advance(Agents.MaxEventDeliveryTime);
            consumer.Cursor.RecordDeliveryFailure();
        }
    }

    /// <summary>The agent stops, and another one starts at the committed offset.</summary>
    public void Restart(bool isKilled)
    {
        if (!isKilled)
        {
            _cache.UpdateDeliveryProgress(null, default);
            foreach (var consumer in _consumers.Values)
            {
                consumer.Cursor.Dispose();
            }

            Commit();
        }

        Start();
    }

    /// <summary>Reads the next message of each rewind, or its end.</summary>
    public void ReadAgain()
    {
        for (var i = _rewinds.Count - 1; i >= 0; i--)
        {
            var (rewind, next) = _rewinds[i];
            while (next < rewind.To && StreamOf((int)next) != rewind.Stream)
            {
                next++;
            }

            _rewinds[i] = (rewind, next + 1);
            if (rewind.IsAbandoned || next >= rewind.To)
            {
                _rewinds.RemoveAt(i);
            }

            if (!rewind.IsAbandoned)
            {
                Wake(rewind.Stream);
                _cache.AddToCache(
                [
                    next >= rewind.To
                        ? new RewindMessage(rewind, RewindSignal.Completed, null)
                        : new RewindMessage(rewind, RewindSignal.None, Message((int)next)),
                ]);
            }
        }
    }

    private void ResumeStreams()
    {
        var rewinds = _resumptions.ToList();
        _resumptions.Clear();
        foreach (var rewind in rewinds)
        {
            var signal = new RewindMessage(rewind, RewindSignal.Resume, null);
            _cache.AddToCache([signal]);
            Wake(signal.StreamId);
            Register(signal.StreamId, (KafkaSequenceToken)signal.SequenceToken);
        }
    }

    private void Wake(StreamId stream)
    {
        foreach (var (subscriber, consumer) in _consumers)
        {
            consumer.IsIdle &= stream != StreamId.Create("ns", $"{subscriber.Stream}");
        }
    }

    private static KafkaBatchContainer? Take(Consumer consumer)
    {
        var message = consumer.Pending ?? (consumer.Cursor.MoveNext() ? (KafkaBatchContainer)consumer.Cursor.GetCurrent(out _)! : null);
        consumer.Pending = null;
        consumer.IsIdle = message is null;
        return message;
    }

    private void Start()
    {
        _consumers.Clear();
        _registered.Clear();
        _rewinds.Clear();
        _resumptions.Clear();
        _next = Committed;
        _cache = new(
            new() { CacheAge = TimeSpan.FromSeconds(2) }, KafkaFailurePolicy.DeadLetter, Agents, 1, new("topic", TopicId, Number), _clock,
            NullLogger.Instance)
        {
            Owner = this,
        };
        _cache.BeginAt(Committed);
    }

    private void Commit() => Committed = Math.Max(Committed, (int)(_cache.Completed ?? 0));

    private void Register(StreamId stream, KafkaSequenceToken first)
    {
        var number = int.Parse(stream.GetKeyAsString(), System.Globalization.CultureInfo.InvariantCulture);
        if (!_registered.Add(number))
        {
            return;
        }

        using var pin = _cache.Open(stream, first);
        foreach (var subscriber in _topic.SubscribersOf(number))
        {
            Handshake(subscriber, first);
        }
    }

    private void Handshake(ModelSubscriber subscriber, KafkaSequenceToken? first)
    {
        var stream = StreamId.Create("ns", $"{subscriber.Stream}");
        var consumer = new Consumer { Last = subscriber.Position };
        consumer.Cursor = subscriber.Position is { } position
            ? Open(subscriber, position, out consumer.Pending)
            : _cache.Open(stream, first);
        _consumers[subscriber] = consumer;
    }

    /// <summary>Opens a cursor after a delivered message, as the agent does.</summary>
    private CacheCursor Open(ModelSubscriber subscriber, KafkaSequenceToken position, out KafkaBatchContainer? pending)
    {
        var cursor = _cache.Open(StreamId.Create("ns", $"{subscriber.Stream}"), position);
        pending = null;
        while (cursor.MoveNext())
        {
            var current = (KafkaBatchContainer)cursor.GetCurrent(out _)!;
            if (current.Token.CompareTo(position) is var order and >= 0)
            {
                pending = order > 0 ? current : null;
                break;
            }
        }

        return cursor;
    }

    private StreamId StreamOf(int offset) => StreamId.Create("ns", $"{Log[offset]}");

    private KafkaBatchContainer Message(int offset) =>
        new(null!, StreamOf(offset), "topic", null, [], [], new KafkaSequenceToken(offset, 0, TopicId, Number, isOfDelivery: true));

    private sealed class Consumer
    {
        public KafkaBatchContainer? Pending;

        public CacheCursor Cursor { get; set; } = null!;

        /// <summary>Whether the last request has found nothing, and nothing has come since.</summary>
        public bool IsIdle { get; set; }

        /// <summary>The position that the agent knows.</summary>
        public KafkaSequenceToken? Last { get; set; }
    }
}
