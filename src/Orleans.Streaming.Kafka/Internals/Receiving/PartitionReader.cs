using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;
using Orleans.Streaming.Kafka.Internals.Observability;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Reads the partitions of a silo with one Kafka consumer and one thread, and commits their offsets. The pulling agents assign the
/// partitions; the consumer takes no part in rebalances.
/// </summary>
internal sealed partial class PartitionReader : IDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(10);

    /// <summary>An agent usually catches up within this time. A pause discards the messages that the client has prefetched.</summary>
    private static readonly TimeSpan MaxWaitBeforePause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Fetched messages that no agent has taken may have this part of the cache's size. A delivering agent has no time to take more,
    /// and a paused client fetches whole batches again.
    /// </summary>
    private const int CacheShare = 4;

    private static readonly TimeSpan EndsInterval = TimeSpan.FromSeconds(1);

    /// <summary>Space for a few of the client's batches with a small cache.</summary>
    private const long MinCapacity = 1 << 20;

    private readonly Func<IConsumer<byte[]?, byte[]?>> _open;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly long _capacity;
    private readonly ReaderRequests _requests = new();
    private readonly Dictionary<TopicPartition, FetchedPartition> _partitions = [];
    private readonly OffsetCommits _commits;
    private readonly ReaderMetadata _metadata = new();
    private readonly OffsetRecommitter _recommitter;
    private readonly OutOfRangeOffsets _outOfRange;
    private readonly Action<TopicPartition> _restart;
    private readonly StreamMetrics _metrics;
    private readonly CancellationTokenSource _stop = new();
    private readonly AutoResetEvent _spaceFreed = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IConsumer<byte[]?, byte[]?> _consumer;
    private volatile bool _stopping;
    private long _lastStep;
    private long _lastEnds;

    /// <param name="restart">Called for a partition that was shortened; its agent must start again.</param>
    /// <param name="build">Builds the consumer; null means that of the client library.</param>
    public PartitionReader(
        KafkaClients clients, Action<TopicPartition> restart, TimeProvider clock, ILogger logger,
        Func<ConsumerBuilder<byte[]?, byte[]?>, IConsumer<byte[]?, byte[]?>>? build = null)
    {
        (_restart, _metrics) = (restart, clients.Metrics);
        _outOfRange = new(clients, clock, logger);
        _logger = logger;
        _clock = clock;
        _capacity = Math.Max(clients.Options.CacheBytes / CacheShare, MinCapacity);
        _recommitter = new(clients, clock, logger);
        _commits = new(clients.Metrics, logger);
        _open = () => Build(clients.Reader().SetOffsetsCommittedHandler((_, committed) => _commits.Committed(committed)));
        _consumer = _open();
        _lastStep = clock.GetTimestamp();
        new Thread(Run) { Name = $"kafka streams {clients.Provider}", IsBackground = true }.Start();

        IConsumer<byte[]?, byte[]?> Build(ConsumerBuilder<byte[]?, byte[]?> builder) => build?.Invoke(builder) ?? builder.Build();
    }

    /// <param name="offset">A number, not a logical offset.</param>
    /// <exception cref="OperationCanceledException">The receiver was shut down; another silo may read the partition by now.</exception>
    public async Task<FetchedPartition> AddAsync(TopicPartition partition, long offset, CancellationToken cancellationToken)
    {
        await Task.Run(() => _metadata.Refresh(_consumer, partition), CancellationToken.None);
        return await _requests.ExecuteAsync(() => Add(partition, offset, cancellationToken));
    }

    /// <summary>Stores an offset for the next commit.</summary>
    public void Complete(FetchedPartition fetched, long nextOffset) => _requests.Enqueue(() =>
    {
        if (IsCurrent(fetched))
        {
            _commits.Store(_consumer, fetched.Partition, nextOffset);
        }
    });

    /// <param name="nextOffset">The offset to commit first; null means none.</param>
    /// <returns>A task that completes after the commit.</returns>
    public async Task RemoveAsync(FetchedPartition fetched, long? nextOffset)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _requests.ExecuteAsync(() =>
        {
            if (!IsCurrent(fetched))
            {
                done.TrySetResult();
                return true;
            }

            if (nextOffset is { } offset && offset > _commits.Of(fetched.Partition)
                && _commits.Store(_consumer, fetched.Partition, offset))
            {
                // The removal of an assignment commits the stored offset.
                _commits.Await(fetched.Partition, offset, done);
            }
            else
            {
                done.TrySetResult();
            }

            fetched.Unassign(_consumer);
            _partitions.Remove(fetched.Partition);
            return true;
        });
        await done.Task;
    }

    /// <summary>Time since the reading thread last asked the client for messages; it does so many times a second.</summary>
    public TimeSpan Silence => _clock.GetElapsedTime(Volatile.Read(ref _lastStep));

    /// <summary>Notes that an agent has taken messages.</summary>
    public void SpaceFreed() => _spaceFreed.Set();

    public void Dispose()
    {
        _stopping = true;
        _stop.Cancel();
        _ended.Task.GetAwaiter().GetResult();
        _spaceFreed.Dispose();
    }

    /// <summary>Reads until the provider stops. A failed consumer is replaced, so that no partition stands still.</summary>
    private void Run()
    {
        for (var failures = 0; !_stopping;)
        {
            try
            {
                if (failures > 0)
                {
                    Reopen();
                }

                while (!_stopping)
                {
                    Step();
                    failures = 0;
                }

                _consumer.Dispose();
            }
            catch (Exception e)
            {
                var wait = RetryPolicy.DelayAfter(++failures);
                LogFailed(_logger, wait, e);
                _metrics.ReaderFailed(e);
                _stop.Token.WaitHandle.WaitOne(wait);
            }
        }

        _ended.SetResult();
    }

    private void Step()
    {
        _requests.RunAll();
        foreach (var partition in _partitions.Values)
        {
            partition.ResumeIfHalfEmpty(_consumer);
        }

        if (_recommitter.IsDue)
        {
            _ = _recommitter.CommitQuietAsync(_partitions.Keys.ToDictionary(partition => partition, _commits.Of));
        }

        if (_clock.GetElapsedTime(_lastEnds) > EndsInterval)
        {
            FindEnds();
        }

        Poll();
        Volatile.Write(ref _lastStep, _clock.GetTimestamp());
    }

    /// <summary>Notes the ends of the partitions that the client has learned from its last fetches.</summary>
    private void FindEnds()
    {
        _lastEnds = _clock.GetTimestamp();
        foreach (var fetched in _partitions.Values)
        {
            fetched.End = _consumer.GetWatermarkOffsets(fetched.Partition).High.Value;
        }
    }

    /// <summary>Replaces the consumer, and assigns the partitions at the next offsets to fetch.</summary>
    private void Reopen()
    {
        try
        {
            _consumer.Dispose();
        }
        catch (Exception e)
        {
            LogNotDisposed(_logger, e.Message);
        }

        _consumer = _open();
        foreach (var fetched in _partitions.Values)
        {
            fetched.Assigned();
        }

        _consumer.IncrementalAssign(
            _partitions.Values.Select(fetched => new TopicPartitionOffset(fetched.Partition, fetched.Next)).ToList());
    }

    private FetchedPartition Add(TopicPartition partition, long offset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var fetched = new FetchedPartition(partition, _capacity, _clock) { Next = offset };
        if (_partitions.Remove(partition, out var last))
        {
            last.Unassign(_consumer);
        }

        _partitions.Add(partition, fetched);
        _commits.Begin(partition, offset);
        _consumer.IncrementalAssign([new TopicPartitionOffset(partition, offset)]);
        return fetched;
    }

    private void Poll()
    {
        ConsumeResult<byte[]?, byte[]?>? result;
        try
        {
            result = _consumer.Consume(PollTimeout);
        }
        catch (ConsumeException e) when (e.Error.Code == Confluent.Kafka.ErrorCode.Local_AutoOffsetReset)
        {
            if (_partitions.TryGetValue(e.ConsumerRecord.TopicPartition, out var stopped))
            {
                Continue(stopped);
            }

            return;
        }
        catch (KafkaException e)
        {
            LogPollFailed(_logger, e.Error.Reason);
            return;
        }

        if (result is null || !_partitions.TryGetValue(result.TopicPartition, out var partition))
        {
            return;
        }

        partition.Next = result.Offset + 1;
        partition.Put(new(result, null));
        if (!partition.HasSpace)
        {
            _spaceFreed.WaitOne(MaxWaitBeforePause);
            if (!partition.HasSpace)
            {
                partition.Pause(_consumer);
            }
        }
    }

    /// <summary>Continues a partition that the client has stopped, because its next offset is not in Kafka.</summary>
    private void Continue(FetchedPartition fetched) => _ = _outOfRange.ContinueAsync(
        fetched,
        next => _requests.Enqueue(() =>
        {
            if (IsCurrent(fetched))
            {
                fetched.Unassign(_consumer);
                fetched.Next = next;
                _consumer.IncrementalAssign([new TopicPartitionOffset(fetched.Partition, next)]);
            }
        }),
        _restart,
        _stop.Token);

    private bool IsCurrent(FetchedPartition fetched) => _partitions.GetValueOrDefault(fetched.Partition) == fetched;

    [LoggerMessage(6021, LogLevel.Warning, "Could not read from Kafka; retrying: {Reason}")]
    private static partial void LogPollFailed(ILogger logger, string reason);

    [LoggerMessage(6023, LogLevel.Critical, "The Kafka reader of this silo has failed; it continues with a new consumer in {Wait}")]
    private static partial void LogFailed(ILogger logger, TimeSpan wait, Exception exception);

    [LoggerMessage(6027, LogLevel.Debug, "Could not close the failed Kafka consumer: {Reason}")]
    private static partial void LogNotDisposed(ILogger logger, string reason);
}
