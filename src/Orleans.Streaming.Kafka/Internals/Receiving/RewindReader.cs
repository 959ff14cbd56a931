using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Reads a partition once more for the streams that are rewound beyond the cache: all that wait share a pass, with a consumer
/// and a thread for the time of it.
/// </summary>
internal sealed partial class RewindReader(
    KafkaClients clients, FetchedPartition fetched, Func<ConsumeResult<byte[]?, byte[]?>, StreamId> streamOf, TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private readonly List<Rewind> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public void Read(Rewind rewind)
    {
        lock (_gate)
        {
            _waiting.Add(rewind);
            if (_waiting.Count == 1)
            {
                _running = _running.ContinueWith(
                    _ => Run(), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
            }
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _running.ContinueWith(_ => _stop.Dispose(), TaskScheduler.Default);
    }

    private void Run()
    {
        List<Rewind> rewinds;
        lock (_gate)
        {
            rewinds = [.. _waiting.Where(rewind => !rewind.IsAbandoned)];
            _waiting.Clear();
        }

        if (rewinds.Count == 0 || _stop.IsCancellationRequested)
        {
            return;
        }

        var started = clock.GetTimestamp();
        var count = Pass(rewinds);
        foreach (var rewind in rewinds)
        {
            fetched.Put(new(null, rewind));
        }

        LogRead(logger, rewinds.Count, fetched.Partition.ToString(), rewinds.Min(rewind => rewind.From), rewinds.Max(rewind => rewind.To), count, clock.GetElapsedTime(started));
    }

    /// <returns>Messages of the streams.</returns>
    private int Pass(List<Rewind> rewinds)
    {
        var byStream = rewinds.ToLookup(rewind => rewind.Stream);
        var (next, end) = (rewinds.Min(rewind => rewind.From), rewinds.Max(rewind => rewind.To));
        var count = 0;
        using var consumer = clients.Rereader();
        consumer.Assign([new TopicPartitionOffset(fetched.Partition, next)]);
        while (next < end && !_stop.IsCancellationRequested && rewinds.Exists(rewind => !rewind.IsAbandoned))
        {
            ConsumeResult<byte[]?, byte[]?>? result;
            try
            {
                result = consumer.Consume(PollTimeout);
            }
            catch (KafkaException e)
            {
                // The client goes on by itself.
                LogFailed(logger, fetched.Partition.ToString(), e.Error.Reason);
                continue;
            }

            if (result is null)
            {
                continue;
            }

            next = result.Offset + (result.IsPartitionEOF ? 0 : 1);
            if (result.IsPartitionEOF || result.Offset >= end)
            {
                break;
            }

            foreach (var rewind in byStream[streamOf(result)])
            {
                if (result.Offset >= rewind.From && result.Offset < rewind.To && !rewind.IsAbandoned)
                {
                    rewind.AwaitSpace(_stop.Token);
                    fetched.Put(new(result, rewind));
                    count++;
                }
            }
        }

        return count;
    }

    [LoggerMessage(6041, LogLevel.Debug, "Read {Streams} streams of {Partition} again from offset {From} to {To}: {Messages} messages in {Time}")]
    private static partial void LogRead(ILogger logger, int streams, string partition, long from, long to, int messages, TimeSpan time);

    [LoggerMessage(6042, LogLevel.Warning, "Reading {Partition} again failed and goes on: {Reason}")]
    private static partial void LogFailed(ILogger logger, string partition, string reason);
}
