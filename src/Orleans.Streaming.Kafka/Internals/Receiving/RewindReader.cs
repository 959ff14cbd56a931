using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Reads a partition again for the streams that rewind beyond the cache. Waiting rewinds share a pass, with a consumer and a thread for
/// its duration. A pass waits for no subscriber: one that is behind leaves it, and comes back in a later pass when it has caught up.
/// </summary>
internal sealed partial class RewindReader : IDisposable
{
    /// <summary>Number of passes at the same time.</summary>
    private const int MaxPasses = 2;

    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);

    private readonly KafkaClients _clients;
    private readonly FetchedPartition _fetched;
    private readonly Func<ConsumeResult<byte[]?, byte[]?>, StreamId> _streamOf;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<Rewind> _waiting = [];

    /// <summary>All rewinds that are not complete, in a pass or not.</summary>
    private readonly ConcurrentDictionary<Rewind, bool> _active = new();

    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _heartbeats;
    private int _passes;

    /// <param name="streamInactivity">Time after which the pulling agent drops a stream; heartbeats come well within it.</param>
    public RewindReader(
        KafkaClients clients, FetchedPartition fetched, Func<ConsumeResult<byte[]?, byte[]?>, StreamId> streamOf, TimeSpan streamInactivity,
        TimeProvider clock, ILogger logger)
    {
        (_clients, _fetched, _streamOf, _clock, _logger) = (clients, fetched, streamOf, clock, logger);
        var interval = streamInactivity / 3;
        _heartbeats = clock.CreateTimer(_ => SendHeartbeats(), null, interval, interval);
    }

    public void Read(Rewind rewind)
    {
        _active[rewind] = true;
        lock (_gate)
        {
            _waiting.Add(rewind);
            if (_passes == MaxPasses || _stop.IsCancellationRequested)
            {
                return;
            }

            _passes++;
        }

        _ = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public void Dispose()
    {
        _heartbeats.Dispose();
        _stop.Cancel();
    }

    /// <summary>Runs passes until no rewind waits.</summary>
    private void Run()
    {
        while (TakeWaiting() is { Count: > 0 } rewinds)
        {
            try
            {
                Pass(rewinds);
            }
            catch (OperationCanceledException)
            {
                // The partition was closed.
            }
        }
    }

    private List<Rewind> TakeWaiting()
    {
        lock (_gate)
        {
            List<Rewind> rewinds = _stop.IsCancellationRequested ? [] : [.. _waiting.Where(rewind => !rewind.IsAbandoned)];
            _waiting.Clear();
            if (rewinds.Count == 0)
            {
                _passes--;
            }

            return rewinds;
        }
    }

    private void SendHeartbeats()
    {
        foreach (var rewind in _active.Keys)
        {
            if (rewind.IsAbandoned)
            {
                _active.TryRemove(rewind, out _);
            }
            else
            {
                _fetched.Put(new(null, rewind, RewindSignal.Heartbeat));
            }
        }
    }

    private void Pass(List<Rewind> rewinds)
    {
        var started = _clock.GetTimestamp();
        var (from, to) = (rewinds.Min(rewind => rewind.Position), rewinds.Max(rewind => rewind.To));
        var reading = rewinds.ToHashSet();
        var count = 0;
        using (var consumer = Open(from))
        {
            var byStream = rewinds.ToLookup(rewind => rewind.Stream);
            for (var next = from; next < to && !_stop.IsCancellationRequested && reading.Any(rewind => !rewind.IsAbandoned);)
            {
                if (Consume(consumer) is not { } result)
                {
                    continue;
                }

                if (result.IsPartitionEOF || result.Offset >= to)
                {
                    break;
                }

                next = result.Offset + 1;
                foreach (var rewind in byStream[_streamOf(result)])
                {
                    count += reading.Contains(rewind) && Put(rewind, result, reading) ? 1 : 0;
                }
            }
        }

        foreach (var rewind in reading)
        {
            _active.TryRemove(rewind, out _);
            _fetched.Put(new(null, rewind, RewindSignal.Completed));
        }

        LogRead(_logger, _fetched.Partition.ToString(), from, to, rewinds.Count, count, _clock.GetElapsedTime(started));
    }

    /// <returns>Whether the rewind has taken the message. One that is behind leaves the pass.</returns>
    private bool Put(Rewind rewind, ConsumeResult<byte[]?, byte[]?> result, HashSet<Rewind> reading)
    {
        if (result.Offset < rewind.Position || result.Offset >= rewind.To || rewind.IsAbandoned)
        {
            return false;
        }

        rewind.Position = result.Offset;
        if (!rewind.TryReserve(() => Read(rewind)))
        {
            reading.Remove(rewind);
            return false;
        }

        rewind.Position++;
        _fetched.Put(new(result, rewind));
        return true;
    }

    /// <summary>Opens a consumer at an offset, with retries.</summary>
    /// <exception cref="OperationCanceledException">The reader was disposed.</exception>
    private IConsumer<byte[]?, byte[]?> Open(long offset)
    {
        for (var failures = 1; ; failures++)
        {
            _stop.Token.ThrowIfCancellationRequested();
            IConsumer<byte[]?, byte[]?>? consumer = null;
            try
            {
                consumer = _clients.Rereader();
                consumer.Assign([new TopicPartitionOffset(_fetched.Partition, offset)]);
                return consumer;
            }
            catch (Exception e)
            {
                consumer?.Dispose();
                LogReadFailed(_logger, _fetched.Partition.ToString(), _clients.Redact(e.Message));
            }

            _stop.Token.WaitHandle.WaitOne(RetryPolicy.DelayAfter(failures));
        }
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
            LogReadFailed(_logger, _fetched.Partition.ToString(), e.Error.Reason);
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
