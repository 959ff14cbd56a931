using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>Applies the failure policy to messages that could not be delivered.</summary>
internal sealed partial class FailedMessages(KafkaFailurePolicy policy, StreamQueues queues, string partition, ILogger logger)
{
    private readonly ConcurrentQueue<CacheEntry> _written = [];

    /// <summary>Whether a failed message has stopped the partition.</summary>
    public bool IsStopped { get; private set; }

    /// <param name="entries">The messages of the failed delivery.</param>
    /// <param name="error">The exception of the subscriber; null if it is unknown.</param>
    public void Fail(IEnumerable<CacheEntry> entries, Exception? error, ICacheOwner owner)
    {
        foreach (var entry in entries)
        {
            if (policy == KafkaFailurePolicy.StopPartition)
            {
                Stop(entry, error);
                return;
            }

            entry.Queue.UnwrittenDeadLetters++;
            owner.WriteDeadLetter(entry.Message!, error, () => _written.Enqueue(entry));
        }
    }

    /// <summary>Allows the commit of messages whose dead letters Kafka has acknowledged.</summary>
    public void ReleaseWritten()
    {
        while (_written.TryDequeue(out var entry))
        {
            entry.Queue.UnwrittenDeadLetters--;
            queues.ForgetIfUnused(entry.Queue);
        }
    }

    private void Stop(CacheEntry entry, Exception? error)
    {
        if (!IsStopped)
        {
            IsStopped = true;
            LogStopped(logger, partition, entry.Offset, entry.Queue.Id, error);
        }
    }

    [LoggerMessage(6071, LogLevel.Error,
        "Stopped partition {Partition}: could not deliver the message at offset {Offset} of stream {Stream}. "
        + "A restart of the silo or of the pulling agents tries it again")]
    private static partial void LogStopped(ILogger logger, string partition, long offset, StreamId stream, Exception? error);
}
