namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>A topic of three streams, its partitions and subscribers, and the agents that read it.</summary>
internal sealed class ModelTopic
{
    private const int Streams = 3;
    private const int MaxPartitions = 4;

    private readonly List<ModelPartition> _partitions = [];
    private readonly List<ModelSubscriber> _subscribers = [];

    public ModelTopic()
    {
        _partitions.Add(new(0, this));
        Subscribe(0);
        Subscribe(1);
        Subscribe(1);
    }

    public IEnumerable<ModelSubscriber> SubscribersOf(int stream) => _subscribers.Where(subscriber => subscriber.Stream == stream);

    public void Do(int action, int choice)
    {
        var partition = _partitions[choice % _partitions.Count];
        var subscriber = _subscribers.Count > 0 ? _subscribers[choice / 7 % _subscribers.Count] : null;
        switch (action)
        {
            case < 5:
                var stream = choice % Streams;
                _partitions[(stream * 7 + 3) % _partitions.Count].Log.Add(stream);
                break;
            case < 8:
                partition.Pump((choice % 3) + 1);
                break;
            case < 12 when subscriber is not null:
                partition.Deliver(subscriber);
                break;
            case 12 when subscriber is not null:
                partition.Fail(subscriber);
                break;
            case 13:
                partition.ReadAgain();
                break;
            case 14:
                partition.Restart(isKilled: choice % 2 == 0);
                break;
            case 15 when subscriber is not null:
                // The grain is deactivated, and its position with it.
                subscriber.Position = null;
                break;
            case 16 when _partitions.Count < MaxPartitions && choice % 5 == 0:
                var count = _partitions.Count;
                _partitions.AddRange(Enumerable.Range(count, count).Select(number => new ModelPartition(number, this)));
                break;
            case 17 when choice % 3 == 0 && _subscribers.Count < 6:
                Subscribe(choice % Streams);
                break;
            case 18 when choice % 3 == 0 && subscriber is not null:
                _subscribers.Remove(subscriber);
                _partitions.ForEach(each => each.Leave(subscriber));
                break;
            case 19:
                partition.Forget(choice % Streams);
                break;
        }
    }

    /// <summary>Delivers everything.</summary>
    public void Drain()
    {
        for (var round = 0; round < 2_000 && !_partitions.TrueForAll(partition => partition.Committed == partition.Log.Count); round++)
        {
            foreach (var partition in _partitions)
            {
                partition.Pump(5);
                partition.ReadAgain();
                _subscribers.ForEach(partition.Deliver);
            }
        }
    }

    public void CheckCommits()
    {
        foreach (var partition in _partitions)
        {
            for (var offset = 0; offset < partition.Committed; offset++)
            {
                Assert.DoesNotContain(_subscribers, subscriber => Misses(subscriber, partition, offset));
            }
        }
    }

    public void CheckDeliveries()
    {
        Assert.All(_partitions, partition => Assert.Equal(partition.Log.Count, partition.Committed));
        Assert.All(_partitions, partition => Assert.All(
            Enumerable.Range(0, partition.Log.Count),
            offset => Assert.DoesNotContain(_subscribers, subscriber => Misses(subscriber, partition, offset))));
    }

    /// <summary>Whether the subscriber was there when the message was produced, and has not had it.</summary>
    private static bool Misses(ModelSubscriber subscriber, ModelPartition partition, int offset) =>
        subscriber.Stream == partition.Log[offset] && offset >= subscriber.Since.GetValueOrDefault(partition.Number)
        && !subscriber.Received.Contains((partition.Number, offset)) && !partition.DeadLetters.Contains(offset);

    private void Subscribe(int stream)
    {
        var subscriber = new ModelSubscriber(
            stream, _partitions.ToDictionary(partition => partition.Number, partition => partition.Log.Count));
        _subscribers.Add(subscriber);
        _partitions.ForEach(partition => partition.Join(subscriber));
    }
}

/// <param name="Since">The ends of the partitions when it subscribed.</param>
internal sealed record ModelSubscriber(int Stream, Dictionary<int, int> Since)
{
    /// <summary>The token of the last delivery; null for a grain that has just been activated.</summary>
    public KafkaSequenceToken? Position { get; set; }

    public HashSet<(int Partition, int Offset)> Received { get; } = [];

    public bool Equals(ModelSubscriber? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
