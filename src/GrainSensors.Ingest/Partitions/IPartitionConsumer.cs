namespace GrainSensors.Ingest.Partitions;

/// <summary>The consumer, as the loop of a partition uses it.</summary>
internal interface IPartitionConsumer
{
    /// <summary>Continues to fetch at an offset. Everything that is fetched from there belongs to the generation.</summary>
    void Seek(long offset, int generation);

    /// <summary>Replaces the loop, which has ended, with one that starts from the checkpoint of the store.</summary>
    void StartOver();

    /// <summary>Stores an offset for the next commit to the group: everything below it is durable.</summary>
    void StoreOffset(long nextOffset);
}
