using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Readings and marks of a batch in one transaction: both are there, or neither. The transactional id is one for the
/// topic, so that a requeue ends what another has left open before it looks at the marks, and shuts the other out.
/// </summary>
internal sealed class TransactionalRequeueLog : RequeueLog
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <exception cref="KafkaException">The broker does not answer, or has no transactions.</exception>
    public TransactionalRequeueLog(KafkaClients clients, string topic)
        : base(clients.Requeuer($"grainsensors-dlq-requeue-{topic}"), topic)
    {
        try
        {
            Producer.InitTransactions(Timeout);
        }
        catch (KafkaException e)
        {
            Producer.Dispose();
            throw new KafkaException(new Error(e.Error.Code, $"it has not begun a transaction ({e.Error.Reason})"), e);
        }
    }

    public override IReadOnlyDictionary<DeadLetterRecord, string> Append(IReadOnlyCollection<DeadLetterRecord> batch)
    {
        var failures = new Dictionary<DeadLetterRecord, string>(ReferenceEqualityComparer.Instance);
        while (batch.Count > failures.Count)
        {
            var failed = TryAppend([.. batch.Where(filed => !failures.ContainsKey(filed))]);
            if (failed.Count == 0)
            {
                break;
            }

            foreach (var (filed, why) in failed)
            {
                failures.Add(filed, why);
            }
        }

        return failures;
    }

    /// <returns>Empty: it is committed. Else nothing is, and these are to blame.</returns>
    private IReadOnlyDictionary<DeadLetterRecord, string> TryAppend(List<DeadLetterRecord> batch)
    {
        var deliveries = new Deliveries();
        Producer.BeginTransaction();
        try
        {
            foreach (var filed in batch)
            {
                ProduceReading(filed, deliveries);
                if (!deliveries.Undelivered.ContainsKey(filed))
                {
                    ProduceMarks(filed, deliveries);
                }
            }

            Producer.Flush(Timeout);
            if (deliveries.Refused.Count == 0)
            {
                Commit();
                return deliveries.Refused;
            }
        }
        catch (KafkaException e) when (!e.Error.IsFatal)
        {
            Producer.AbortTransaction(Timeout);
            if (deliveries.Refused.Count == 0)
            {
                throw;
            }

            return deliveries.Refused;
        }

        Producer.AbortTransaction(Timeout);
        return deliveries.Refused;
    }

    private void Commit()
    {
        try
        {
            Producer.CommitTransaction(Timeout);
        }
        catch (KafkaRetriableException)
        {
            // Once more: it may have come through, and this only asks.
            Producer.CommitTransaction(Timeout);
        }
    }
}
