using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Telemetry;
using Microsoft.Extensions.Logging;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// This silo's member of the consumer group: one thread that polls, parses, and puts what it fetched into the
/// buffers of the partitions. The loops of the partitions run elsewhere.
/// </summary>
/// <remarks>
/// A partition is fetched from its end when it is assigned, that is hardly at all, until its start is known and
/// sought: the group's rebalance never waits for the store. The thread polls all the time, so the member is not evicted
/// however long the loops are held up; a partition whose buffer is full is paused.
/// </remarks>
internal sealed partial class GroupConsumer
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(10);

    /// <summary>A loop mostly catches up within this; pausing a partition throws away what was fetched ahead.</summary>
    private static readonly TimeSpan PatienceBeforePause = TimeSpan.FromMilliseconds(50);

    private readonly KafkaClients _clients;
    private readonly PartitionOwner _owner;
    private readonly IngestOptions _options;
    private readonly ReadingDeserializer _deserializer;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly IConsumer<Ignore, ParsedMessage> _consumer;
    private readonly PartitionFetch _fetch;
    private readonly object _attention = new();
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AssignedPartitions _partitions = new();
    private volatile bool _hasAttention;
    private volatile bool _stopping;
    private volatile bool _leaving = true;

    public GroupConsumer(
        KafkaClients clients, PartitionOwner owner, IngestOptions options, ReadingParser parser, TimeProvider clock, ILogger logger)
    {
        _clients = clients;
        _owner = owner;
        _options = options;
        _deserializer = new(parser, new(options.Period, options.Retention));
        _clock = clock;
        _logger = logger;
        _consumer = clients.GroupConsumer<ParsedMessage>(options.FollowsReadings)
            .SetValueDeserializer(_deserializer)
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => Revoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => Lost(partitions))
            .SetStatisticsHandler((_, json) => Statistics(json))
            .Build();
        _fetch = new(_consumer, clients.Options.Topic, logger);
    }

    public IEnumerable<AssignedPartition> Partitions => _partitions.All;

    /// <summary>Completes when the consumer has ended: with null as it was told to, else with the reason.</summary>
    public Task<Exception?> Ended => _ended.Task;

    public void Start() => new Thread(Run) { Name = "kafka consumer", IsBackground = true }.Start();

    /// <param name="leave">Tell the group; else the group finds out by itself, as after a crash.</param>
    public Task StopAsync(bool leave)
    {
        _leaving = leave;
        _stopping = true;
        Attention();
        return _ended.Task;
    }

    private void Run()
    {
        Exception? reason = null;
        try
        {
            _consumer.Subscribe(_clients.Options.Topic);
            while (!_stopping)
            {
                if (_hasAttention)
                {
                    _hasAttention = false;
                    ServeRequests();
                }

                Poll();
            }

            foreach (var partition in Partitions)
            {
                partition.GiveUp();
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

    private void Poll()
    {
        ConsumeResult<Ignore, ParsedMessage>? result;
        try
        {
            _deserializer.WallClock = EpochTime.Now(_clock);
            result = _consumer.Consume(PollTimeout);
        }
        catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            // Retention has overtaken this consumer, or the topic is another one now: find out where to go on.
            LosePlace(e.ConsumerRecord.Partition);
            return;
        }
        catch (KafkaException e)
        {
            LogPollFailed(_logger, e.Error.Reason);
            return;
        }

        if (result is null || _partitions.Of(result.Partition) is not { } partition)
        {
            return;
        }

        if (partition.FetchGeneration >= 0)
        {
            Take(partition, result);
        }
        else if (!partition.IsFetched)
        {
            partition.IsFetched = true;
            Attention();
        }
    }

    private void Take(AssignedPartition partition, ConsumeResult<Ignore, ParsedMessage> result)
    {
        var buffer = partition.Buffer!;
        var offset = result.Offset.Value;
        if (result.IsPartitionEOF)
        {
            buffer.SetInSight(true);
            buffer.ReachedEnd(partition.FetchGeneration, offset);
            partition.Counters.EndOffset = offset;
            return;
        }

        var message = result.Message.Value;
        buffer.AppendedAt = result.Message.Timestamp.UnixTimestampMs;
        if (ReadingTraces.Parent(result.Message.Headers) is { } parent)
        {
            buffer.Follow(partition.FetchGeneration, new(offset, parent, _clock.GetUtcNow()));
        }

        bool hasSpace;
        if (message.Reason == RejectReason.None)
        {
            var reading = message.Reading;
            reading.Offset = offset;
            hasSpace = buffer.Append(partition.FetchGeneration, reading);
        }
        else
        {
            hasSpace = buffer.Append(
                partition.FetchGeneration,
                new DeadLetters.DeadLetter(_clients.Options.Topic, partition.Partition, offset, message.Reason, message.Rejected));
        }

        if (!hasSpace)
        {
            AwaitSpace(partition);
        }
    }

    private void AwaitSpace(AssignedPartition partition)
    {
        var started = _clock.GetTimestamp();
        lock (_attention)
        {
            while (_clock.GetElapsedTime(started) < PatienceBeforePause)
            {
                if (partition.TakeSpaceFreed())
                {
                    return;
                }

                Monitor.Wait(_attention, PatienceBeforePause);
            }
        }

        _fetch.Pause(partition);
        Attention();
    }

    /// <summary>What loops and preparations have asked for.</summary>
    private void ServeRequests()
    {
        foreach (var partition in Partitions)
        {
            if (partition.HasLostItsPlace)
            {
                if (partition.Loop is null or { IsCompleted: true })
                {
                    BeginAnew(partition);
                }

                continue;
            }

            if (partition.Loop is null && partition.Preparation is { IsCompletedSuccessfully: true, Result: { } assignment })
            {
                partition.Begin(assignment, _options.BufferCapacity, (p, buffer, wake) => _owner.MakeLoop(assignment, p, buffer, wake));
                LogBegins(_logger, partition.Partition, assignment.StartOffset, assignment.OpenWindows.Count);
            }

            if (partition is { IsFetched: true, RequestedSeek: { } seek } && !_fetch.TrySeek(partition, seek))
            {
                _hasAttention = true;
            }

            if (partition.TakeSpaceFreed())
            {
                _fetch.Resume(partition);
            }
        }
    }

    private IEnumerable<TopicPartitionOffset> Assigned(List<TopicPartition> partitions)
    {
        var surroundings = _owner.LookAround();
        foreach (var partition in partitions)
        {
            _partitions.Put(Prepare(partition.Partition, surroundings));
        }

        return partitions.Select(partition => new TopicPartitionOffset(partition, Offset.End));
    }

    private void Revoked(List<TopicPartitionOffset> partitions)
    {
        var revoked = _partitions.Remove(partitions);
        _owner.HandOver(revoked, _options.DrainTimeout);
    }

    private void Lost(List<TopicPartitionOffset> partitions)
    {
        var lost = _partitions.Remove(partitions);
        foreach (var partition in lost)
        {
            partition.GiveUp();
            _owner.Retire(partition);
        }

        LogLost(_logger, PartitionOwner.Names(lost));
    }

    /// <summary>What was fetched before is still worked off and checkpointed; then the partition begins anew.</summary>
    private void LosePlace(int number)
    {
        if (_partitions.Of(number) is { HasLostItsPlace: false } partition)
        {
            partition.HasLostItsPlace = true;
            partition.FetchGeneration = -1;
            _ = (partition.Loop?.FinishAsync() ?? Task.CompletedTask).ContinueWith(_ => Attention(), TaskScheduler.Default);
        }
    }

    private void BeginAnew(AssignedPartition partition)
    {
        partition.GiveUp();
        _owner.Retire(partition);
        var successor = Prepare(partition.Partition, _owner.LookAround());
        successor.MustBeReassigned = successor.IsFetched = true;
        successor.IsPaused = partition.IsPaused;
        _partitions.Put(successor);
    }

    private AssignedPartition Prepare(int number, Lazy<Task<PartitionStarter.Surroundings>> surroundings)
    {
        AssignedPartition? partition = null;
        var preparation = new TaskCompletionSource<PartitionAssignment?>(TaskCreationOptions.RunContinuationsAsynchronously);
        partition = new(number, Attention, MarkDone) { Preparation = preparation.Task, AssignedAt = _clock.GetTimestamp() };
        _ = Task.Run(async () =>
        {
            preparation.SetResult(await _owner.PrepareAsync(partition, surroundings));
            Attention();
        });
        return partition;
    }

    private void MarkDone(int partition, long nextOffset)
    {
        try
        {
            _consumer.StoreOffset(new TopicPartitionOffset(_clients.Options.Topic, partition, nextOffset));
        }
        catch (Exception e) when (e is KafkaException or ObjectDisposedException)
        {
            // Revoked meanwhile. The checkpoint is in the store, which is what counts.
        }
    }

    private void Statistics(string json)
    {
        foreach (var statistics in PartitionStatistics.Parse(json, _clients.Options.Topic))
        {
            if (_partitions.Of(statistics.Partition) is { } partition)
            {
                partition.Buffer?.SetInSight(statistics.InSight);
                if (statistics.EndOffset >= 0)
                {
                    partition.Counters.EndOffset = statistics.EndOffset;
                }
            }
        }
    }

    private void Attention()
    {
        _hasAttention = true;
        lock (_attention)
        {
            Monitor.Pulse(_attention);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Partition {Partition} begins at offset {Offset} with {OpenWindows} open windows")]
    private static partial void LogBegins(ILogger logger, int partition, long offset, int openWindows);

    [LoggerMessage(2, LogLevel.Warning, "Partitions {Partitions} were lost: the group has given them to others")]
    private static partial void LogLost(ILogger logger, string partitions);

    [LoggerMessage(3, LogLevel.Warning, "Polling failed and goes on: {Reason}")]
    private static partial void LogPollFailed(ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Critical, "The consumer has ended")]
    private static partial void LogEnded(ILogger logger, Exception exception);
}
