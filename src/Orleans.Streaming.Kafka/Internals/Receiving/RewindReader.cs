using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Reads a partition again for the streams that rewind beyond the cache. All waiting rewinds share a pass, with a consumer and a
/// thread for its duration.
/// </summary>
internal sealed partial class RewindReader(
    KafkaClients clients, FetchedPartition fetched, Func<ConsumeResult<byte[]?, byte[]?>, StreamId> streamOf, TimeSpan streamInactivity,
    TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private readonly List<Rewind> _waiting = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Well below the time after which the agent drops a stream.</summary>
    private readonly TimeSpan _heartbeatInterval = streamInactivity / 3;

    private long _lastHeartbeat = clock.GetTimestamp();
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
        var (from, to) = (rewinds.Min(rewind => rewind.From), rewinds.Max(rewind => rewind.To));
        var count = Pass(rewinds, from, to);
        foreach (var rewind in rewinds)
        {
            fetched.Put(new(null, rewind, RewindSignal.Completed));
        }

        LogRead(logger, fetched.Partition.ToString(), from, to, rewinds.Count, count, clock.GetElapsedTime(started));
    }

    /// <param name="reading">The rewinds of this pass; others wait for the next pass.</param>
    private void SendHeartbeat(List<Rewind> reading)
    {
        if (clock.GetElapsedTime(_lastHeartbeat) < _heartbeatInterval)
        {
            return;
        }

        _lastHeartbeat = clock.GetTimestamp();
        List<Rewind> all;
        lock (_gate)
        {
            all = [.. reading, .. _waiting];
        }

        foreach (var rewind in all.Where(rewind => !rewind.IsAbandoned))
        {
            fetched.Put(new(null, rewind, RewindSignal.Heartbeat));
        }
    }

    /// <summary>Opens a consumer at an offset. Retries run in this loop, because the rewinds need heartbeats between attempts.</summary>
    /// <exception cref="OperationCanceledException">The reader was disposed.</exception>
    private IConsumer<byte[]?, byte[]?> Open(List<Rewind> rewinds, long offset)
    {
        for (var failures = 1; ; failures++)
        {
            _stop.Token.ThrowIfCancellationRequested();
            IConsumer<byte[]?, byte[]?>? consumer = null;
            try
            {
                consumer = clients.Rereader();
                consumer.Assign([new TopicPartitionOffset(fetched.Partition, offset)]);
                return consumer;
            }
            catch (Exception e)
            {
                consumer?.Dispose();
                LogReadFailed(logger, fetched.Partition.ToString(), clients.Redact(e.Message));
            }

            SendHeartbeat(rewinds);
            _stop.Token.WaitHandle.WaitOne(RetryPolicy.DelayAfter(failures));
        }
    }

    /// <returns>The number of messages for the rewinds.</returns>
    private int Pass(List<Rewind> rewinds, long from, long to)
    {
        var byStream = rewinds.ToLookup(rewind => rewind.Stream);
        var (next, count) = (from, 0);
        using var consumer = Open(rewinds, from);

        // One delegate for the pass instead of one for each message that waits for space.
        var sendHeartbeat = new Action(() => SendHeartbeat(rewinds));
        while (next < to && !_stop.IsCancellationRequested && rewinds.Exists(rewind => !rewind.IsAbandoned))
        {
            sendHeartbeat();
            if (Consume(consumer) is not { } result)
            {
                continue;
            }

            next = result.Offset + (result.IsPartitionEOF ? 0 : 1);
            if (result.IsPartitionEOF || result.Offset >= to)
            {
                break;
            }

            foreach (var rewind in byStream[streamOf(result)])
            {
                if (result.Offset >= rewind.From && result.Offset < rewind.To && !rewind.IsAbandoned)
                {
                    rewind.AwaitSpace(sendHeartbeat, _stop.Token);
                    fetched.Put(new(result, rewind));
                    count++;
                }
            }
        }

        return count;
    }

    private ConsumeResult<byte[]?, byte[]?>? Consume(IConsumer<byte[]?, byte[]?> consumer)
    {
        try
        {
            return consumer.Consume(PollTimeout);
        }
        catch (KafkaException e)
        {
            // The client recovers by itself.
            LogReadFailed(logger, fetched.Partition.ToString(), e.Error.Reason);
            return null;
        }
    }

    [LoggerMessage(6041, LogLevel.Debug,
        "Read {Partition} again from offset {From} to {To} for {Streams} streams: {Messages} messages in {Time}")]
    private static partial void LogRead(
        ILogger logger, string partition, long from, long to, int streams, int messages, TimeSpan time);

    [LoggerMessage(6042, LogLevel.Warning, "Could not read {Partition} again; retrying: {Reason}")]
    private static partial void LogReadFailed(ILogger logger, string partition, string reason);
}
