using System.Text;
using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Storage.Names;
using Microsoft.Extensions.Logging;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// The member of the consumer group on this silo: one thread that polls, parses, and appends messages to the buffers of the
/// partitions. The loops of the partitions run on other threads.
/// </summary>
/// <remarks>
/// The thread polls all the time, so the group does not evict the member while loops wait. A partition with a full buffer is
/// paused.
/// </remarks>
internal sealed partial class GroupConsumer
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// The number of messages in a poll at most. Requests of loops and callbacks of the group are processed after each poll.
    /// </summary>
    private const int PollCapacity = 1000;

    /// <summary>
    /// From this time after an assignment on, statistics say whether the partition is fetched, and not whether it was before. Its first
    /// message or end usually says it sooner; but those that come in the poll of the assignment are skipped, and an end comes only once.
    /// </summary>
    private static readonly TimeSpan StatisticsAreOwn = TimeSpan.FromSeconds(2);

    /// <summary>A failure that goes on is logged again after this time.</summary>
    private static readonly TimeSpan FailureInterval = TimeSpan.FromMinutes(10);

    /// <summary>When failures were logged, by their texts. There is one for each topic and kind of failure.</summary>
    private readonly Dictionary<string, long> _failures = [];
    private readonly ReadTopics _topics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly IConsumer<Ignore, Ignore> _consumer;
    private readonly MessageIntake _intake;
    private readonly RebalanceListener _rebalances;
    private readonly AssignedPartitions _partitions = new();
    private readonly ConsumerWakeup _wakeup = new();
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;
    private volatile bool _leaving = true;
    private Exception? _callbackFailure;

    public GroupConsumer(
        KafkaClients clients,
        ReadTopics topics,
        PartitionHandover handover,
        IngestOptions options,
        ReadingParser parser,
        ISensorNames names,
        MeasurementDiscovery discovery,
        TimeProvider clock,
        ILogger logger)
    {
        _topics = topics;
        _clock = clock;
        _logger = logger;
        _consumer = clients.GroupConsumer(consumer => consumer
            .SetPartitionsAssignedHandler((_, partitions) => CaptureException(() => _rebalances!.Assigned(partitions)))
            .SetPartitionsRevokedHandler((_, partitions) => CaptureException(() => _rebalances!.Revoked(partitions)))
            .SetPartitionsLostHandler((_, partitions) => CaptureException(() => _rebalances!.Lost(partitions)))
            .SetStatisticsHandler((_, json) => CaptureException(() => ReadStatistics(json))));
        var fetch = new PartitionFetch(_consumer, logger);
        var rules = new RejectionRules(parser, new(options.Period, options.Retention));
        var schemas = new SchemaWaits(fetch, handover.Outages, _wakeup, clock);
        _intake = new(rules, names, discovery, fetch, schemas, _wakeup, options, PollCapacity, clock)
        {
            EpochEnded = partition => _rebalances!.EndSource(partition),
        };
        _rebalances = new(_partitions, topics, handover, fetch, _wakeup, StoreOffset, options, clock, logger);
    }

    public IEnumerable<AssignedPartition> Partitions => _partitions.All;

    /// <summary>Completes when the consumer has ended: with null after <see cref="StopAsync"/>, otherwise with the reason.</summary>
    public Task<Exception?> Ended => _ended.Task;

    public void Start() => new Thread(Run) { Name = "kafka consumer", IsBackground = true }.Start();

    /// <param name="leave">Leaves the group at once. Otherwise the group notices after a timeout, as after a crash.</param>
    public Task StopAsync(bool leave)
    {
        _leaving = leave;
        _stopping = true;
        _wakeup.Set();
        return _ended.Task;
    }

    private void Run()
    {
        Exception? reason = null;
        try
        {
            _consumer.Subscribe(_topics.Subscription);
            using (var queue = new MessageQueue(_consumer, PollCapacity))
            {
                while (!_stopping)
                {
                    if (_wakeup.TryReset())
                    {
                        _rebalances.ProcessRequests();
                    }

                    Poll(queue);
                }
            }

            foreach (var partition in Partitions)
            {
                partition.Revoke();
            }

            if (_leaving)
            {
                _consumer.Close();
            }

            _consumer.Dispose();
        }
        catch (Exception e)
        {
            LogEnded(_logger, e);
            reason = e;
        }
        finally
        {
            _ended.TrySetResult(reason);
        }
    }

    private void Poll(MessageQueue queue)
    {
        _rebalances.PollBegins();
        var count = queue.Take(PollTimeout);
        _rebalances.MessagesBegin();
        _intake.Begin();
        for (var i = 0; i < count; i++)
        {
            ref readonly var message = ref queue[i];
            if (message.Error is not (ErrorCode.NoError or ErrorCode.Local_PartitionEOF))
            {
                _intake.Flush();
                Failed(in message);
            }
            else if (_rebalances.Find(in message) is { } partition)
            {
                _intake.Take(partition, in message);
            }
        }

        _intake.End();
        queue.Release();
        if (_callbackFailure is { } failure)
        {
            throw new InvalidOperationException("A callback of the Kafka client failed.", failure);
        }
    }

    private void Failed(in NativeMessage message)
    {
        if (message.Error is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            // Retention has removed the next offset, the log was truncated, or the topic was created again: the start position must be
            // resolved again.
            if (message.Topic != 0 && _partitions.Of(MessageDetails.TopicOf(in message), message.Partition) is { } partition)
            {
                _rebalances.EndSource(partition);
            }
        }
        else
        {
            // The description of an event names the topic. A pattern without a topic is one every few seconds.
            var reason = message.Payload.IsEmpty ? new Error(message.Error).Reason : Encoding.UTF8.GetString(message.Payload);
            if (!_failures.TryGetValue(reason, out var logged) || _clock.GetElapsedTime(logged) >= FailureInterval)
            {
                _failures[reason] = _clock.GetTimestamp();
                LogPollFailed(_logger, reason);
            }
        }
    }

    /// <summary>Keeps the exception of a callback. The client reports it only through a method that is not called here.</summary>
    private T CaptureException<T>(Func<T> callback)
    {
        try
        {
            return callback();
        }
        catch (Exception e)
        {
            _callbackFailure = e;
            throw;
        }
    }

    private void CaptureException(Action callback) => CaptureException(() =>
    {
        callback();
        return true;
    });

    private void StoreOffset(TopicPartition partition, long nextOffset)
    {
        try
        {
            _consumer.StoreOffset(new TopicPartitionOffset(partition, nextOffset));
        }
        catch (Exception e) when (e is KafkaException or ObjectDisposedException)
        {
            // The partition was revoked in the meantime. The checkpoint in the store is what counts.
        }
    }

    private void ReadStatistics(string json)
    {
        foreach (var statistics in PartitionStatistics.Parse(json))
        {
            if (_partitions.Of(statistics.At) is { } partition)
            {
                partition.Buffer?.SetFetching(statistics.IsFetching && partition.SchemaWait is null);
                if (statistics.IsFetching && !partition.IsFetched && _clock.GetElapsedTime(partition.AssignedAt) >= StatisticsAreOwn)
                {
                    partition.IsFetched = true;
                    _wakeup.Set();
                }

                if (statistics.EndOffset >= 0)
                {
                    partition.Counters.EndOffset = statistics.EndOffset;
                }
            }
        }
    }

    [LoggerMessage(1012, LogLevel.Warning, "Polling Kafka failed and will continue: {Reason}")]
    private static partial void LogPollFailed(ILogger logger, string reason);

    [LoggerMessage(1013, LogLevel.Critical, "The consumer has ended")]
    private static partial void LogEnded(ILogger logger, Exception exception);
}
