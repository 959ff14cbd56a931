using GrainSensors.Ingest.Kafka.Native;
using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Retrying;

namespace GrainSensors.Ingest.Consuming;

/// <summary>
/// Stops partitions at messages whose schemas are not known, and fetches the schemas of all messages of a poll at the same time. While
/// the registry is unavailable, such a partition waits: it fetches nothing, and nothing of it is lost or rejected. All other partitions
/// go on.
/// </summary>
/// <remarks>For the consume thread only, which never waits itself.</remarks>
internal sealed class SchemaWaits(PartitionFetch fetch, PartitionOutages outages, ConsumerWakeup wakeup, TimeProvider clock)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);

    private readonly List<AssignedPartition> _begun = [];

    /// <summary>Stops a partition at a message.</summary>
    public void Begin(AssignedPartition partition, long offset, int schemaId)
    {
        var wait = new SchemaWait(offset, partition.FetchGeneration);
        wait.Add(schemaId);
        partition.SchemaWait = wait;
        partition.FetchGeneration = -1;

        // The partition is not at its end, so its stream time does not move on by the clock.
        partition.Buffer!.SetFetching(false);
        if (!partition.IsPaused)
        {
            fetch.Pause(partition);
        }

        _begun.Add(partition);
    }

    /// <summary>Sees a further message of a partition that was stopped in this poll.</summary>
    public static void Observe(AssignedPartition partition, in NativeMessage message)
    {
        if (partition.SchemaWait is { IsStarted: false } wait && !message.IsTombstone
            && partition.Reader!.AwaitsSchema(message.Payload, out var schemaId))
        {
            wait.Add(schemaId);
        }
    }

    /// <summary>Fetches the schemas of the partitions that were stopped in this poll.</summary>
    public void Start()
    {
        foreach (var partition in _begun)
        {
            if (partition.SchemaWait is { IsStarted: false } wait)
            {
                wait.IsStarted = true;
                _ = Task.Run(() => FetchAsync(partition, wait));
            }
        }

        _begun.Clear();
    }

    private async Task FetchAsync(AssignedPartition partition, SchemaWait wait)
    {
        bool IsWanted() => !partition.IsRevoked && partition.SchemaWait == wait;

        var untilFetched = RetryForever.Create(
            clock,
            FirstRetry,
            failure =>
            {
                partition.Counters.AwaitedSchema = failure.Message;
                outages.Failed(partition.Name, failure.Message);
            },
            IsWanted);
        try
        {
            await untilFetched.ExecuteAsync(async stop =>
            {
                if (IsWanted())
                {
                    await partition.Reader!.FetchSchemasAsync(wait.Ids, stop);
                }
            });
        }
        catch (Exception) when (!IsWanted())
        {
            // The partition was revoked, or it reads from an earlier offset again.
        }
        finally
        {
            // The partition may have begun another wait.
            if (partition.SchemaWait == wait)
            {
                partition.Counters.AwaitedSchema = null;
                outages.Ended(partition.Name);
            }

            wait.IsOver = true;
            wakeup.Set();
        }
    }
}
