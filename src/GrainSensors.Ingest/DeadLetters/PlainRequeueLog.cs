using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// For the embedded broker, which accepts transactions and does not heed them: the readings of a batch are durable
/// before the first of its marks is written, so that dying in between may repeat a reading but never lose one.
/// </summary>
internal sealed class PlainRequeueLog(KafkaClients clients, string topic) : RequeueLog(clients.Requeuer(null), topic)
{
    /// <summary>Longer than the client tries to deliver a message.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(12);

    public override IReadOnlyDictionary<DeadLetterRecord, string> Append(IReadOnlyCollection<DeadLetterRecord> batch)
    {
        var readings = Flushed(batch, ProduceReading);
        if (readings.Undelivered.Count == batch.Count && readings.Refused.Count == 0)
        {
            throw new KafkaException(readings.Undelivered.Values.First());
        }

        var marks = Flushed(batch.Where(filed => !readings.Undelivered.ContainsKey(filed)), ProduceMarks);
        return readings.Undelivered.Concat(marks.Undelivered).ToDictionary(failed => failed.Key, failed => failed.Value.Reason);
    }

    private Deliveries Flushed(IEnumerable<DeadLetterRecord> batch, Action<DeadLetterRecord, Deliveries> produce)
    {
        var deliveries = new Deliveries();
        foreach (var filed in batch)
        {
            produce(filed, deliveries);
        }

        if (Producer.Flush(Timeout) > 0)
        {
            throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "it has not acknowledged what was produced"));
        }

        return deliveries;
    }
}
