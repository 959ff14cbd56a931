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
    KafkaClients clients, FetchedPartition fetched, Func<ConsumeResult<byte[]?, byte[]?>, StreamId> streamOf, TimeSpan streamInactivity, TimeProvider clock, ILogger logger)
    : IDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly List<Rewind> _waiting = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Well before the agent lets a stream go.</summary>
    private readonly TimeSpan _signInterval = streamInactivity / 3;

    private long _toldAt = clock.GetTimestamp();
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
            fetched.Put(new(null, rewind, RewindSignal.Completed));
        }

        LogRead(logger, rewinds.Count, fetched.Partition.ToString(), rewinds.Min(rewind => rewind.From), rewinds.Max(rewind => rewind.To), count, clock.GetElapsedTime(started));
    }

    /// <param name="reading">Those of this pass; others wait for the next one.</param>
    private void SendHeartbeat(List<Rewind> reading)
    {
        if (clock.GetElapsedTime(_toldAt) < _signInterval)
        {
            return;
        }

        _toldAt = clock.GetTimestamp();
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

    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    private IConsumer<byte[]?, byte[]?> Open(List<Rewind> rewinds, long offset)
    {
        while (true)
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
                LogFailed(logger, fetched.Partition.ToString(), clients.Redact(e.Message));
            }

            SendHeartbeat(rewinds);
            _stop.Token.WaitHandle.WaitOne(RetryInterval);
        }
    }

    /// <returns>Messages of the streams.</returns>
    private int Pass(List<Rewind> rewinds)
    {
        var byStream = rewinds.ToLookup(rewind => rewind.Stream);
        var (next, end) = (rewinds.Min(rewind => rewind.From), rewinds.Max(rewind => rewind.To));
        var count = 0;
        using var consumer = Open(rewinds, next);

        // Made once, not for each message that waits for space.
        var look = new Action(() => SendHeartbeat(rewinds));
        while (next < end && !_stop.IsCancellationRequested && rewinds.Exists(rewind => !rewind.IsAbandoned))
        {
            look();
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
                    rewind.AwaitSpace(look, _stop.Token);
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
