using Confluent.Kafka;
using GrainSensors.Core.Windows;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Reads the leader epochs of single messages from Kafka.</summary>
/// <param name="reader">A consumer that reports the end of a partition.</param>
internal sealed class KafkaMessageEpochs(IConsumer<Ignore, Ignore> reader, TopicPartition at, TimeSpan timeout) : IMessageEpochs
{
    /// <exception cref="KafkaException">The broker did not answer.</exception>
    public (long Offset, int Epoch)? First(long from, long end)
    {
        if (from >= end)
        {
            return null;
        }

        reader.Assign(new TopicPartitionOffset(at, from));
        var result = reader.Consume(timeout)
            ?? throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"No message of {at} from offset {from} on was read in time."));
        return result.IsPartitionEOF || result.Offset >= end ? null : (result.Offset, result.LeaderEpoch ?? LeaderEpochs.Unknown);
    }
}
