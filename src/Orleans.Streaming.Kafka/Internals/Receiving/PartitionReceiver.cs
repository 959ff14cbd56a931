using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Internals.Observability;
using Orleans.Streaming.Kafka.Internals.Topics;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Reads one partition for its pulling agent: from the committed offset on, with commits of what the agent has delivered.
/// </summary>
internal sealed partial class PartitionReceiver : IQueueAdapterReceiver, ICacheOwner, IDisposable
{
    private static readonly TimeSpan MaxCommitWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(10);

    private readonly ReceiverServices _services;
    private readonly QueueMonitor? _monitor;
    private readonly StreamTopic _topic;
    private readonly TopicPartition _partition;
    private readonly PartitionCache? _cache;
    private readonly MessageDecoder _decoder;
    private readonly Action _closed;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Fetched> _taken = [];
    private readonly HeldMessages _held;
    private Task<FetchedPartition>? _start;
    private FetchedPartition? _fetched;
    private RewindReader? _rewinds;
    private PartitionCheckpoint? _checkpoint;
    private long? _completed;

    /// <param name="cache">Null if the agent has a cache of another type, which delivers messages in order.</param>
    /// <param name="closed">Called at the shutdown of the receiver.</param>
    public PartitionReceiver(
        ReceiverServices services, QueueMonitor? monitor, StreamTopic topic, TopicPartition partition, MessageDecoder decoder,
        PartitionCache? cache, Action closed)
    {
        _monitor = monitor;
        (_services, _topic, _partition, _decoder, _cache, _closed) = (services, topic, partition, decoder, cache, closed);
        _held = new(decoder, partition, services.Clock, services.Logger);
        if (cache is not null)
        {
            cache.Owner = this;
        }
    }

    public Task Initialize(TimeSpan timeout) => Initialize(timeout, CancellationToken.None);

    /// <summary>Waits up to the timeout. The agent continues without a late receiver, which starts when Kafka answers.</summary>
    public async Task Initialize(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = _services.Clock.GetTimestamp();
        _start = StartAsync();
        await Task.WhenAny(_start, Task.Delay(timeout, _services.Clock, cancellationToken));
        _monitor?.Receiver.TrackInitialization(_start.IsCompletedSuccessfully, _services.Clock.GetElapsedTime(started), _start.Exception);
    }

    [Obsolete("Orleans calls the overload with a CancellationToken.")]
    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        var started = _services.Clock.GetTimestamp();
        var messages = await ReceiveAsync(maxCount, cancellationToken);
        _monitor?.Receiver.TrackRead(success: true, _services.Clock.GetElapsedTime(started), null);
        return messages;
    }

    private async Task<IList<IBatchContainer>> ReceiveAsync(int maxCount, CancellationToken cancellationToken)
    {
        if (!IsStarted() || _fetched is not { } fetched)
        {
            return [];
        }

        var options = _services.Clients.Options;
        var most = maxCount > 0 ? Math.Min(maxCount, options.BatchSize) : options.BatchSize;
        var isFull = _cache is { IsFull: true };
        if (!_held.IsEmpty)
        {
            return await ReleaseAsync(cancellationToken);
        }

        Take(fetched, most, isFull);
        if (_taken.Count > 0)
        {
            return await ReleaseAsync(cancellationToken);
        }

        if (isFull)
        {
            await Task.Delay(FullPause, _services.Clock, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            return [];
        }

        await fetched.WaitAsync(options.PollTimeout, cancellationToken);
        Take(fetched, most, isFull: false);
        return await ReleaseAsync(cancellationToken);
    }

    [Obsolete("Orleans calls the overload with a CancellationToken.")]
    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => MessagesDeliveredAsync(messages, CancellationToken.None);

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages, CancellationToken cancellationToken)
    {
        _completed = _cache is not null ? _cache.Completed
            : messages.Count > 0 ? messages.Max(message => message.SequenceToken.SequenceNumber) + 1
            : _completed;
        if (_completed is { } completed && _fetched is { } fetched)
        {
            if (_checkpoint is { } checkpoint)
            {
                checkpoint.Update(completed);
            }
            else
            {
                _services.Reader().Complete(fetched, completed);
            }
        }

        return Task.CompletedTask;
    }

    public Task Shutdown(TimeSpan timeout) => Shutdown(timeout, CancellationToken.None);

    public async Task Shutdown(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = _services.Clock.GetTimestamp();
        await _stop.CancelAsync();
        _closed();
        if (IsStarted() && _fetched is { } fetched)
        {
            // The next reader starts at the committed offset, so the shutdown waits for the commit, but not for a broker outage.
            // An offset of a deleted topic means nothing in the one that was created again.
            var completed = _services.Topics.IsCurrent(_topic) ? _cache?.Completed ?? _completed : null;
            var removal = _checkpoint is { } checkpoint
                ? Task.WhenAll(checkpoint.FlushAsync(completed, cancellationToken), _services.Reader().RemoveAsync(fetched, null))
                : _services.Reader().RemoveAsync(fetched, completed);
            var wait = timeout < MaxCommitWait ? timeout : MaxCommitWait;
            await Task.WhenAny(removal, Task.Delay(wait, _services.Clock, cancellationToken));
        }
        else if (_start is not null)
        {
            _ = RemoveLateAsync(_start);
        }

        _monitor?.Receiver.TrackShutdown(success: true, _services.Clock.GetElapsedTime(started), null);
        Dispose();
    }

    public void Dispose()
    {
        _rewinds?.Dispose();
        _stop.Dispose();
    }

    public void Read(Rewind rewind) => _rewinds!.Read(rewind);

    public void Resume(Rewind rewind) => _fetched?.Put(new(null, rewind, RewindSignal.Resume));

    public void WriteDeadLetter(KafkaBatchContainer message, Exception? error, Action written) =>
        _ = _services.DeadLetters.WriteAsync(message.ToDeadLetter(_partition.Partition, error), written, _stop.Token);

    /// <param name="isFull">Whether the cache has no space for new messages.</param>
    private void Take(FetchedPartition fetched, int most, bool isFull)
    {
        _taken.Clear();
        TakeRewound(fetched, isFull ? most : Math.Max(most / 2, 1));
        if (!isFull)
        {
            while (_taken.Count < most && fetched.TryTake(out var next))
            {
                _taken.Add(next);
            }

            TakeRewound(fetched, most);
        }

        if (_taken.Count == 0)
        {
            return;
        }

        _services.Reader().SpaceFreed();
        Report();
    }

    /// <summary>Decodes the taken messages, except those that their format cannot read yet.</summary>
    private async ValueTask<IList<IBatchContainer>> ReleaseAsync(CancellationToken cancellationToken)
    {
        if (_decoder.NeedsPreparation)
        {
            await _held.ExchangeAsync(_taken, _services.Clients.Options.PollTimeout, cancellationToken);
        }

        var result = new List<IBatchContainer>(_taken.Count);
        foreach (var next in _taken)
        {
            result.Add(_decoder.Decode(next));
        }

        _taken.Clear();
        return result;
    }

    private void Report()
    {
        var messages = 0;
        ConsumeResult<byte[]?, byte[]?>? first = null, last = null;
        foreach (var taken in _taken)
        {
            if (taken.Rewind is null)
            {
                messages++;
                first ??= taken.Message;
                last = taken.Message;
            }
        }

        if (messages == 0)
        {
            return;
        }

        _services.Clients.Metrics.Consumed(_partition.Topic, _partition.Partition, messages);
        _monitor?.Receiver.TrackMessagesReceived(
            messages, first!.Message.Timestamp.UtcDateTime, last!.Message.Timestamp.UtcDateTime);
        _monitor?.Cache.TrackMessagesAdded(messages);
        _monitor?.Cache.ReportCacheSize(_cache?.Bytes ?? 0);
        _monitor?.Cache.TrackCachePressureMonitorStatusChange("Kafka", _cache is { IsFull: true }, null, null, null);
    }

    private void TakeRewound(FetchedPartition fetched, int most)
    {
        while (_taken.Count < most && fetched.TryTakeRewound(out var next))
        {
            // A message of an abandoned rewind would make the agent start the stream again.
            if (!next.Rewind!.IsAbandoned || next.Signal == RewindSignal.Resume)
            {
                _taken.Add(next);
            }
        }
    }

    private bool IsStarted()
    {
        if (_fetched is null && _start is { IsCompletedSuccessfully: true })
        {
            var fetched = _fetched = _start.Result;
            _cache?.FindEnd = () => fetched.End;
            _rewinds = new(
                _services.Clients, _fetched, _decoder.StreamOf, _services.StreamInactivity, _services.Clock, _services.Logger);
        }

        return _fetched is not null;
    }

    /// <summary>Removes the partition if its start completes after the shutdown.</summary>
    private async Task RemoveLateAsync(Task<FetchedPartition> start)
    {
        try
        {
            await _services.Reader().RemoveAsync(await start, null);
        }
        catch (Exception e) when (e is OperationCanceledException or KafkaException or ObjectDisposedException)
        {
            // The start was cancelled, so the partition was never assigned.
        }
    }

    private Task<FetchedPartition> StartAsync() => RetryPolicy.ExecuteAsync(
        async stop =>
        {
            _checkpoint = _services.Checkpoints is { } checkpoints ? await checkpoints.OpenAsync(_partition, stop) : null;
            var offset = await new StartOffset(_services.Clients, _services.Clock, _services.Logger).FindAsync(
                _partition, _topic.IsRecreated, _checkpoint?.Stored, stop);
            _cache?.BeginAt(offset);
            var fetched = await _services.Reader().AddAsync(_partition, offset, stop);
            LogStarted(_services.Logger, _partition.ToString(), offset);
            return fetched;
        },
        e => LogStartFailed(_services.Logger, _partition.ToString(), _services.Clients.Redact(e.Message)),
        _services.Clock,
        _stop.Token);

    [LoggerMessage(6031, LogLevel.Information, "Reading {Partition} from offset {Offset}")]
    private static partial void LogStarted(ILogger logger, string partition, long offset);

    [LoggerMessage(6032, LogLevel.Error, "Could not start reading {Partition}; retrying: {Reason}")]
    private static partial void LogStartFailed(ILogger logger, string partition, string reason);
}
