using System.Collections.Concurrent;
using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Orleans.Streaming.Kafka.Internals.Observability;

/// <summary>
/// Reports the queues and caches under the names that all Orleans providers use, <c>orleans-streams-queue-*</c>. A queue has its monitors
/// for the life of the process, because their instruments cannot be removed.
/// </summary>
internal sealed class QueueMonitors(OrleansInstruments? instruments)
{
    private readonly ConcurrentDictionary<QueueId, QueueMonitor?> _monitors = new();

    /// <returns>The monitor of a queue; null outside of a silo.</returns>
    public QueueMonitor? Of(QueueId queue) => instruments is null ? null : _monitors.GetOrAdd(queue, id =>
    {
        var name = id.ToString();
        return new(
            new DefaultQueueAdapterReceiverMonitor(new ReceiverMonitorDimensions(name), instruments),
            new DefaultCacheMonitor(new CacheMonitorDimensions(name, name), instruments));
    });
}

/// <param name="Receiver">Reports reads.</param>
/// <param name="Cache">Reports the size of the cache.</param>
internal sealed record QueueMonitor(IQueueAdapterReceiverMonitor Receiver, ICacheMonitor Cache);
