using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Kafka.Native;
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

    /// <summary>Messages that are taken at once; what partitions and the group ask for is looked at after each.</summary>
    private const int TakeCapacity = 1000;

    /// <summary>A loop mostly catches up within this; pausing a partition throws away what was fetched ahead.</summary>
    private static readonly TimeSpan PatienceBeforePause = TimeSpan.FromMilliseconds(50);

    private readonly KafkaClients _clients;
    private readonly PartitionHandover _owner;
    private readonly IngestOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly IConsumer<Ignore, Ignore> _consumer;
    private readonly ParsedBatch _run;
    private readonly PartitionFetch _fetch;
    private readonly object _attention = new();
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AssignedPartitions _partitions = new();
    private volatile bool _hasAttention;
    private volatile bool _stopping;
    private volatile bool _leaving = true;
    private Exception? _defect;
    private int _takes;

    public GroupConsumer(
        KafkaClients clients, PartitionHandover owner, IngestOptions options, ReadingParser parser, TimeProvider clock, ILogger logger)
    {
        _clients = clients;
        _owner = owner;
        _options = options;
        _run = new(parser, new(options.Period, options.Retention), TakeCapacity, clock);
        _clock = clock;
        _logger = logger;
        _consumer = clients.GroupConsumer(consumer => consumer
            .SetPartitionsAssignedHandler((_, partitions) => CaptureException(() => Assigned(partitions)))
            .SetPartitionsRevokedHandler((_, partitions) => CaptureException(() => Revoked(partitions)))
            .SetPartitionsLostHandler((_, partitions) => CaptureException(() => Lost(partitions)))
            .SetStatisticsHandler((_, json) => CaptureException(() => Statistics(json))));
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
        Wakeup();
        return _ended.Task;
    }

    private void Run()
    {
        Exception? reason = null;
        try
        {
            _consumer.Subscribe(_clients.Options.Topic);
            using (var queue = new MessageQueue(_consumer, TakeCapacity))
            {
                while (!_stopping)
                {
                    if (_hasAttention)
                    {
                        _hasAttention = false;
                        ProcessRequests();
                    }

                    Poll(queue);
                }
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

    private void Poll(MessageQueue queue)
    {
        _takes++;
        var count = queue.Take(PollTimeout);
        _run.LookAtClock();
        for (var i = 0; i < count; i++)
        {
            ref readonly var message = ref queue[i];
            if (message.Error is not (ErrorCode.NoError or ErrorCode.Local_PartitionEOF))
            {
                FlushRun();
                Failed(in message);
            }
            else if (_partitions.Of(message.Partition) is { } partition && partition.AssignedInTake != _takes)
            {
                Take(partition, in message);
            }
        }

        FlushRun();
        queue.Release();
        if (_defect is { } defect)
        {
            throw new InvalidOperationException("A callback of the Kafka client has failed.", defect);
        }
    }

    private void Failed(in NativeMessage message)
    {
        if (message.Error is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            // Retention has overtaken this consumer, or the topic is another one now: find out where to go on.
            LosePlace(message.Partition);
        }
        else
        {
            LogPollFailed(_logger, new Error(message.Error).Reason);
        }
    }

    private void Take(AssignedPartition partition, in NativeMessage message)
    {
        if (partition.FetchGeneration < 0)
        {
            if (!partition.IsFetched)
            {
                partition.IsFetched = true;
                Wakeup();
            }

            return;
        }

        if (_run.Partition != partition)
        {
            FlushRun();
        }

        if (message.Error == ErrorCode.Local_PartitionEOF)
        {
            FlushRun();
            partition.Buffer!.SetFetching(true);
            partition.Buffer.ReachedEnd(partition.FetchGeneration, message.Offset);
            partition.Counters.EndOffset = message.Offset;
            return;
        }

        if (_options.FollowsReadings && ReadingTraces.Parent(MessageDetails.Header(in message, ReadingTraces.TraceParent)) is { } parent)
        {
            partition.Buffer!.Follow(partition.FetchGeneration, new(message.Offset, parent, _clock.GetUtcNow()));
        }

        var reason = _run.Add(partition, in message);
        if (reason != RejectReason.None)
        {
            FlushRun();
            partition.Buffer!.AppendedAt = MessageDetails.AppendedAt(in message);
            var rejected = message.IsTombstone ? null : message.Payload.ToArray();
            AwaitSpace(partition, partition.Buffer!.Append(
                partition.FetchGeneration, new DeadLetters.DeadLetter(_clients.Options.Topic, partition.Partition, message.Offset, reason, rejected)));
        }
    }

    private void FlushRun()
    {
        if (!_run.IsEmpty)
        {
            var partition = _run.Partition!;
            partition.Buffer!.AppendedAt = _run.AppendedAt;
            var hasSpace = partition.Buffer.Append(partition.FetchGeneration, _run.Readings);
            _run.Clear();
            AwaitSpace(partition, hasSpace);
        }
    }

    private void AwaitSpace(AssignedPartition partition, bool hasSpace)
    {
        // What was taken together with the message that filled the buffer goes into it all the same: the client counts it as taken.
        if (!hasSpace && !partition.IsPaused)
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
        Wakeup();
    }

    /// <summary>What loops and preparations have asked for.</summary>
    private void ProcessRequests()
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

    /// <summary>The client keeps what a callback throws for a method that is not called here.</summary>
    private T CaptureException<T>(Func<T> callback)
    {
        try
        {
            return callback();
        }
        catch (Exception e)
        {
            _defect = e;
            throw;
        }
    }

    private void CaptureException(Action callback) => CaptureException(() =>
    {
        callback();
        return true;
    });

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

        LogLost(_logger, PartitionHandover.Names(lost));
    }

    /// <summary>What was fetched before is still worked off and checkpointed; then the partition begins anew.</summary>
    private void LosePlace(int number)
    {
        if (_partitions.Of(number) is { HasLostItsPlace: false } partition)
        {
            partition.HasLostItsPlace = true;
            partition.FetchGeneration = -1;
            _ = (partition.Loop?.FinishAsync() ?? Task.CompletedTask).ContinueWith(_ => Wakeup(), TaskScheduler.Default);
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

    private AssignedPartition Prepare(int number, Lazy<Task<StartPositionResolver.RebalanceContext>> surroundings)
    {
        AssignedPartition? partition = null;
        var preparation = new TaskCompletionSource<StartPosition?>(TaskCreationOptions.RunContinuationsAsynchronously);
        partition = new(number, Wakeup, MarkDone)
        {
            Preparation = preparation.Task,
            AssignedAt = _clock.GetTimestamp(),
            AssignedInTake = _takes,
        };
        _ = Task.Run(async () =>
        {
            preparation.SetResult(await _owner.PrepareAsync(partition, surroundings));
            Wakeup();
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
                partition.Buffer?.SetFetching(statistics.InSight);
                if (statistics.EndOffset >= 0)
                {
                    partition.Counters.EndOffset = statistics.EndOffset;
                }
            }
        }
    }

    private void Wakeup()
    {
        _hasAttention = true;
        lock (_attention)
        {
            Monitor.Pulse(_attention);
        }
    }

    [LoggerMessage(1010, LogLevel.Information, "Partition {Partition} begins at offset {Offset} with {OpenWindows} open windows")]
    private static partial void LogBegins(ILogger logger, int partition, long offset, int openWindows);

    [LoggerMessage(1011, LogLevel.Warning, "Partitions {Partitions} were lost: the group has given them to others")]
    private static partial void LogLost(ILogger logger, string partitions);

    [LoggerMessage(1012, LogLevel.Warning, "Polling failed and goes on: {Reason}")]
    private static partial void LogPollFailed(ILogger logger, string reason);

    [LoggerMessage(1013, LogLevel.Critical, "The consumer has ended")]
    private static partial void LogEnded(ILogger logger, Exception exception);
}
