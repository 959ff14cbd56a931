using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Discovery;
using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Names;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Parses fetched messages and appends them to the buffers of their partitions. For the consume thread only.</summary>
internal sealed class MessageIntake(
    RejectionRules rules,
    ISensorNames names,
    MeasurementDiscovery discovery,
    PartitionFetch fetch,
    SchemaWaits schemas,
    ConsumerWakeup wakeup,
    IngestOptions options,
    int capacity,
    TimeProvider clock)
{
    /// <summary>A loop mostly frees space within this time. Pausing a partition discards what the client has fetched ahead.</summary>
    private static readonly TimeSpan PatienceBeforePause = TimeSpan.FromMilliseconds(50);

    /// <summary>The partition of a message with another epoch. Neither the message nor the next ones of the partition are taken.</summary>
    public required Action<AssignedPartition> EpochEnded { get; init; }

    private readonly ParsedBatch _parsed = new(
        rules, new(names.TryFind), discovery.Catalog.Declared.Count, capacity, clock);

    private readonly MappedMessage _mapped = new(new(
        rules, new(discovery.Catalog, rules.AcceptedTimes, new(names.TryFind)), discovery.Catalog.Declared.Count));

    /// <summary>Starts a poll. Its messages are compared with the time of this call.</summary>
    public void Begin() => _parsed.ReadClock();

    /// <summary>Ends a poll.</summary>
    public void End()
    {
        Flush();
        schemas.Start();
    }

    /// <summary>Takes a message or the end of a partition.</summary>
    public void Take(AssignedPartition partition, in NativeMessage message)
    {
        if (partition.FetchGeneration < 0)
        {
            SchemaWaits.Observe(partition, in message);
            if (!partition.IsFetched)
            {
                partition.IsFetched = true;
                wakeup.Set();
            }

            return;
        }

        if (_parsed.Partition != partition)
        {
            Flush();
        }

        if (message.Error == ErrorCode.Local_PartitionEOF)
        {
            Flush();
            ReachedEnd(partition, message.Offset);
            return;
        }

        if (!partition.Covers(message.Offset, MessageDetails.LeaderEpoch(in message)))
        {
            Flush();
            EpochEnded(partition);
            return;
        }

        if (partition.Reader is null)
        {
            TakeMessage(partition, in message);
        }
        else
        {
            TakeMapped(partition, in message);
        }
    }

    private void Follow(AssignedPartition partition, in NativeMessage message)
    {
        if (options.FollowsReadings && ReadingTraces.Parent(MessageDetails.Header(in message, ReadingTraces.TraceParent)) is { } parent)
        {
            partition.Buffer!.Follow(partition.FetchGeneration, new(message.Offset, parent, clock.GetUtcNow()));
        }
    }

    private void TakeMessage(AssignedPartition partition, in NativeMessage message)
    {
        Follow(partition, in message);
        var reason = _parsed.Add(partition, in message, out var isNamed, out var isLeftOut);
        if (reason == RejectReason.None && _parsed.Values.Dropped is > 0 and var dropped)
        {
            discovery.Drop(dropped, _parsed.Values.LastDropped);
        }

        if (isLeftOut)
        {
            Flush();
            partition.Buffer!.Skip(partition.FetchGeneration, message.Offset);
        }
        else if (!isNamed)
        {
            TakeUnnamed(partition, in message);
        }

        if (reason != RejectReason.None)
        {
            Flush();
            Reject(partition, in message, reason);
        }
    }

    /// <summary>Takes a message of a source, which may have many readings.</summary>
    private void TakeMapped(AssignedPartition partition, in NativeMessage message)
    {
        if (!_mapped.TryRead(partition, in message, _parsed.WallClock, out var schemaId))
        {
            Flush();
            schemas.Begin(partition, message.Offset, schemaId);
            return;
        }

        Follow(partition, in message);
        var mapped = _mapped.Readings;
        if (mapped.Dropped > 0)
        {
            discovery.Drop(mapped.Dropped, mapped.Values.LastDropped);
        }

        var appendedAt = MessageDetails.AppendedAt(in message);
        if (!mapped.IsRejected && mapped.Unnamed.Count == 0 && mapped.Readings.Count > 0)
        {
            _parsed.Add(partition, mapped.Readings, appendedAt);
            if (_parsed.Readings.Count >= capacity)
            {
                Flush();
            }

            return;
        }

        Flush();
        partition.Buffer!.AppendedAt = appendedAt;
        if (!mapped.IsRejected && mapped.Readings.Count == 0)
        {
            partition.Buffer.Skip(partition.FetchGeneration, message.Offset);
            return;
        }

        var letter = mapped.IsRejected ? _mapped.LetterOf(partition, in message) : null;
        var copy = mapped.Unnamed.Count > 0 ? UnnamedOf(partition, in message) : default;
        AwaitSpace(
            partition, partition.Buffer.Append(partition.FetchGeneration, mapped.Readings, in copy, mapped.Unnamed, letter));
    }

    private static void ReachedEnd(AssignedPartition partition, long end)
    {
        partition.Buffer!.SetFetching(true);
        partition.Buffer.ReachedEnd(partition.FetchGeneration, end);
        partition.Refusals.ReachedEnd(end);
        partition.Counters.EndOffset = end;
    }

    /// <summary>Appends the readings that were taken so far to the buffer of their partition.</summary>
    public void Flush()
    {
        if (!_parsed.IsEmpty)
        {
            var partition = _parsed.Partition!;
            partition.Buffer!.AppendedAt = _parsed.AppendedAt;
            var hasSpace = partition.Buffer.Append(partition.FetchGeneration, _parsed.Readings);
            _parsed.Clear();
            AwaitSpace(partition, hasSpace);
        }
    }

    /// <summary>The loop asks for the number of the sensor, before it dispatches the batch.</summary>
    private void TakeUnnamed(AssignedPartition partition, in NativeMessage message)
    {
        var reading = _parsed.TakeUnnamed();
        Flush();
        partition.Buffer!.AppendedAt = MessageDetails.AppendedAt(in message);
        var unnamed = UnnamedOf(partition, in message);
        AwaitSpace(partition, partition.Buffer.Append(partition.FetchGeneration, reading, in unnamed, _parsed.Sensor.Name));
    }

    private static UnnamedMessage UnnamedOf(AssignedPartition partition, in NativeMessage message) => new()
    {
        Topic = partition.At.Topic,
        Partition = partition.Partition,
        Offset = message.Offset,
        Value = message.Payload,
        HasKey = message.HasKey,
        Key = message.Key,
        Headers = MessageDetails.Headers(in message),
        Timestamp = MessageDetails.Timestamp(in message),
    };

    private void Reject(AssignedPartition partition, in NativeMessage message, RejectReason reason)
    {
        partition.Buffer!.AppendedAt = MessageDetails.AppendedAt(in message);
        var deadLetter = DeadLetterOf(partition, in message, reason, _parsed.Explain(in message, reason));
        deadLetter = deadLetter with { Refusals = _parsed.Refusal is { } refusal ? [refusal] : [] };
        AwaitSpace(partition, partition.Buffer!.Append(partition.FetchGeneration, deadLetter));
    }

    private static DeadLetter DeadLetterOf(
        AssignedPartition partition, in NativeMessage message, RejectReason reason, string detail) => new(
        partition.At.Topic, partition.Partition, message.Offset, reason, detail, message.IsTombstone ? null : message.Payload.ToArray(),
        MessageDetails.Attributes(in message));

    /// <summary>Waits for space in a full buffer, and pauses the partition if the wait takes too long.</summary>
    private void AwaitSpace(AssignedPartition partition, bool hasSpace)
    {
        // The client counts all messages of a poll as consumed. Those after the one that filled the buffer are appended too.
        if (!hasSpace && !partition.IsPaused && !wakeup.WaitFor(partition.TakeSpaceFreed, PatienceBeforePause, clock))
        {
            fetch.Pause(partition);
            wakeup.Set();
        }
    }
}
