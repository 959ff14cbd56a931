namespace GrainSensors.Ingest.Consuming;

/// <summary>Reads the leader epochs of single messages of a partition.</summary>
internal interface IMessageEpochs
{
    /// <returns>
    /// The offset and the epoch of the first message from an offset on; null if there is none below the end. Transaction markers and
    /// compacted messages leave gaps.
    /// </returns>
    (long Offset, int Epoch)? First(long from, long end);
}
