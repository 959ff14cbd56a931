using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Reads the partitions of this silo with one Kafka consumer and one thread, and commits. It is assigned its partitions by
/// the pulling agents and takes no part in the group's rebalances.
/// </summary>
internal sealed partial class PartitionReader : IDisposable
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(10);

    /// <summary>An agent mostly catches up within this; pausing a partition throws away what was fetched ahead.</summary>
    private static readonly TimeSpan PatienceBeforePause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// What was read and not yet taken may be a part in so many of what the cache may hold: an agent that delivers has no time
    /// to take more, and a client that is paused meanwhile reads whole batches again.
    /// </summary>
    private const int ShareOfCache = 4;

    /// <summary>Some of a client's batches, however small the cache is.</summary>
    private const long LeastCapacity = 1 << 20;

    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly long _capacity;
    private readonly ConcurrentQueue<Action> _requests = [];
    private readonly Dictionary<TopicPartition, FetchedPartition> _partitions = [];
    private readonly ConcurrentDictionary<TopicPartition, (long Offset, TaskCompletionSource Done)> _awaitedCommits = new();
    private readonly ConcurrentDictionary<TopicPartition, long> _committed = new();
    private readonly OffsetRecommitter _keeper;
    private readonly AutoResetEvent _spaceFreed = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    public PartitionReader(KafkaClients clients, TimeProvider clock, ILogger logger)
    {
        _logger = logger;
        _clock = clock;
        _capacity = Math.Max(clients.Options.CacheBytes / ShareOfCache, LeastCapacity);
        _keeper = new(clients, clock, logger);
        _consumer = clients.Reader().SetOffsetsCommittedHandler((_, committed) => Committed(committed)).Build();
        new Thread(Run) { Name = $"kafka streams {clients.Provider}", IsBackground = true }.Start();
    }

    /// <param name="offset">A number, not a logical one.</param>
    /// <exception cref="OperationCanceledException">It is too late; another one may read the partition by now.</exception>
    public Task<FetchedPartition> AddAsync(TopicPartition partition, long offset, CancellationToken cancellationToken) => AskAsync(() =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        var fetched = new FetchedPartition(partition, _capacity, _clock);
        if (_partitions.Remove(partition, out var last))
        {
            Unassign(last);
        }

        _partitions.Add(partition, fetched);
        _committed[partition] = offset;
        _consumer.IncrementalAssign([new TopicPartitionOffset(partition, offset)]);
        return fetched;
    });

    /// <summary>Has an offset committed with the next checkpoint.</summary>
    public void Complete(FetchedPartition fetched, long nextOffset) => _requests.Enqueue(() =>
    {
        if (IsCurrent(fetched))
        {
            Store(fetched.Partition, nextOffset);
        }
    });

    /// <param name="nextOffset">To commit before; null: nothing new.</param>
    /// <returns>When it is committed.</returns>
    public async Task RemoveAsync(FetchedPartition fetched, long? nextOffset)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await AskAsync(() =>
        {
            if (!IsCurrent(fetched))
            {
                done.TrySetResult();
                return true;
            }

            if (nextOffset is { } offset && offset > _committed.GetValueOrDefault(fetched.Partition) && Store(fetched.Partition, offset))
            {
                // Unassigning commits what was stored.
                _awaitedCommits[fetched.Partition] = (offset, done);
            }
            else
            {
                done.TrySetResult();
            }

            Unassign(fetched);
            _partitions.Remove(fetched.Partition);
            return true;
        });
        await done.Task;
    }

    /// <summary>An agent has taken what was read.</summary>
    public void SpaceFreed() => _spaceFreed.Set();

    public void Dispose()
    {
        _stopping = true;
        _ended.Task.GetAwaiter().GetResult();
        _spaceFreed.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                while (_requests.TryDequeue(out var request))
                {
                    request();
                }

                Resume();
                if (_keeper.IsDue)
                {
                    _ = _keeper.CommitQuietAsync(_partitions.Keys.ToDictionary(partition => partition, partition => _committed[partition]));
                }

                Poll();
            }

            _consumer.Dispose();
        }
        catch (Exception e)
        {
            LogEnded(_logger, e);
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private void Poll()
    {
        ConsumeResult<byte[]?, byte[]?>? result;
        try
        {
            result = _consumer.Consume(PollTimeout);
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

        partition.Put(new(result, null));
        if (!partition.HasSpace)
        {
            _spaceFreed.WaitOne(PatienceBeforePause);
            if (!partition.HasSpace)
            {
                partition.IsPaused = true;
                _consumer.Pause([partition.Partition]);
            }
        }
    }

    private void Unassign(FetchedPartition fetched)
    {
        if (fetched.IsPaused)
        {
            // The client would keep it paused when it is assigned again.
            _consumer.Resume([fetched.Partition]);
        }

        _consumer.IncrementalUnassign([fetched.Partition]);
    }

    private void Resume()
    {
        foreach (var partition in _partitions.Values)
        {
            if (partition.IsPaused && partition.IsHalfEmpty)
            {
                partition.IsPaused = false;
                _consumer.Resume([partition.Partition]);
            }
        }
    }

    private bool IsCurrent(FetchedPartition fetched) => _partitions.GetValueOrDefault(fetched.Partition) == fetched;

    private bool Store(TopicPartition partition, long nextOffset)
    {
        try
        {
            _consumer.StoreOffset(new TopicPartitionOffset(partition, nextOffset));
            return true;
        }
        catch (KafkaException e)
        {
            LogNotCommitted(_logger, partition.ToString(), nextOffset, e.Error.Reason);
            return false;
        }
    }

    private void Committed(CommittedOffsets committed)
    {
        foreach (var partition in committed.Offsets)
        {
            var error = partition.Error.IsError ? partition.Error : committed.Error;
            if (error.IsError && error.Code != Confluent.Kafka.ErrorCode.Local_NoOffset)
            {
                LogNotCommitted(_logger, partition.TopicPartition.ToString(), partition.Offset, error.Reason);
            }
            else if (!error.IsError)
            {
                _committed[partition.TopicPartition] = partition.Offset;
            }

            if (_awaitedCommits.TryGetValue(partition.TopicPartition, out var awaited) && (partition.Offset >= awaited.Offset || error.IsError))
            {
                _awaitedCommits.TryRemove(partition.TopicPartition, out _);
                awaited.Done.TrySetResult();
            }
        }
    }

    private Task<T> AskAsync<T>(Func<T> request)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Enqueue(() =>
        {
            try
            {
                answer.SetResult(request());
            }
            catch (Exception e)
            {
                // The thread goes on for the other partitions.
                answer.SetException(e);
            }
        });
        return answer.Task;
    }

    [LoggerMessage(6021, LogLevel.Warning, "Reading from Kafka failed and goes on: {Reason}")]
    private static partial void LogPollFailed(ILogger logger, string reason);

    [LoggerMessage(6022, LogLevel.Warning, "Offset {Offset} of {Partition} was not committed; what is delivered from there on may be delivered again: {Reason}")]
    private static partial void LogNotCommitted(ILogger logger, string partition, long offset, string reason);

    [LoggerMessage(6023, LogLevel.Critical, "The Kafka reader has ended; the streams of this silo stand still")]
    private static partial void LogEnded(ILogger logger, Exception exception);
}
