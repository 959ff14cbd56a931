namespace GrainSensors.Ingest.Partitions;

/// <summary>What a partition's loop asks of the consumer.</summary>
internal interface IPartitionConsumer
{
    /// <summary>Fetches again from the offset; what is fetched from then on belongs to the generation.</summary>
    void Seek(long offset, int generation);

    /// <summary>Everything below the offset is durable and may be committed to the group.</summary>
    void MarkDone(long nextOffset);
}
