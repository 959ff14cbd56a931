using System.Collections.Concurrent;

namespace Orleans.Streaming.Kafka.Tests.Clusters;

/// <summary>The offsets of the messages that a subscriber has received, of topics in which each offset is a message of one event.</summary>
internal sealed class DeliveredOffsets
{
    private readonly ConcurrentDictionary<(string Topic, int Partition), Prefix> _prefixes = [];

    public void Add(string topic, int partition, long offset) =>
        _prefixes.GetOrAdd((topic, partition), _ => new()).Add(offset);

    /// <returns>The first offset that was not delivered: no higher offset may be committed.</returns>
    public long NextOf(string topic, int partition) => _prefixes.GetValueOrDefault((topic, partition))?.Next ?? 0;

    /// <summary>Deliveries of different streams arrive in any order, and some arrive twice.</summary>
    private sealed class Prefix
    {
        private readonly Lock _lock = new();
        private readonly HashSet<long> _ahead = [];
        private long _next;

        public long Next
        {
            get
            {
                lock (_lock)
                {
                    return _next;
                }
            }
        }

        public void Add(long offset)
        {
            lock (_lock)
            {
                if (offset >= _next)
                {
                    _ahead.Add(offset);
                }

                while (_ahead.Remove(_next))
                {
                    _next++;
                }
            }
        }
    }
}
