using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Requeues without transactions, for the embedded broker, whose transactions are not atomic. The readings of a batch are
/// durable before its first marker is written. A crash in between may repeat readings but loses none.
/// </summary>
internal sealed class PlainRequeueLog(KafkaClients clients, RestoredMessages restored) : RequeueLog(clients.BatchProducer(null), restored)
{
    /// <summary>Longer than the delivery timeout of the client.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(12);

    public override IReadOnlyDictionary<DeadLetterRecord, string> Append(IReadOnlyCollection<DeadLetterRecord> batch)
    {
        var readings = Flushed(batch, ProduceReading);
        if (readings.Undelivered.Count == batch.Count && readings.Refused.Count == 0)
        {
            throw new KafkaException(readings.Undelivered.Values.First());
        }

        var markers = Flushed(batch.Where(record => !readings.Undelivered.ContainsKey(record)), ProduceMarkers);
        return readings.Undelivered.Concat(markers.Undelivered).ToDictionary(failed => failed.Key, failed => failed.Value.Reason);
    }

    private Deliveries Flushed(IEnumerable<DeadLetterRecord> batch, Action<DeadLetterRecord, Deliveries> produce)
    {
        var deliveries = new Deliveries();
        foreach (var record in batch)
        {
            produce(record, deliveries);
        }

        if (Producer.Flush(Timeout) > 0)
        {
            throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "it has not acknowledged the messages"));
        }

        return deliveries;
    }
}
