using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Writes the readings and markers of a batch in one transaction. All requeues of a topic share one transactional id. A new
/// requeue therefore aborts the open transaction of another one before it reads the markers, and fences the other one.
/// </summary>
internal sealed class TransactionalRequeueLog : RequeueLog
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <exception cref="KafkaException">The broker does not answer, or has no transactions.</exception>
    public TransactionalRequeueLog(KafkaClients clients, RestoredMessages restored)
        : base(clients.BatchProducer($"{KafkaPermissions.TransactionalIds}dlq-requeue-{restored.DeadLetterTopic}"), restored)
    {
        try
        {
            Producer.InitTransactions(Timeout);
        }
        catch (KafkaException e)
        {
            Producer.Dispose();
            throw new KafkaException(new Error(e.Error.Code, $"it could not begin a transaction ({e.Error.Reason})"), e);
        }
    }

    public override IReadOnlyDictionary<DeadLetterRecord, string> Append(IReadOnlyCollection<DeadLetterRecord> batch)
    {
        var failures = new Dictionary<DeadLetterRecord, string>(ReferenceEqualityComparer.Instance);
        while (batch.Count > failures.Count)
        {
            var failed = TryAppend([.. batch.Where(record => !failures.ContainsKey(record))]);
            if (failed.Count == 0)
            {
                break;
            }

            foreach (var (record, why) in failed)
            {
                failures.Add(record, why);
            }
        }

        return failures;
    }

    /// <returns>The dead letters that Kafka refused. If there are any, the transaction was aborted.</returns>
    private IReadOnlyDictionary<DeadLetterRecord, string> TryAppend(List<DeadLetterRecord> batch)
    {
        var deliveries = new Deliveries();
        Producer.BeginTransaction();
        try
        {
            foreach (var record in batch)
            {
                ProduceReading(record, deliveries);
                if (!deliveries.Undelivered.ContainsKey(record))
                {
                    ProduceMarkers(record, deliveries);
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
            // The first commit may have succeeded. A repeated commit is safe and returns the outcome.
            Producer.CommitTransaction(Timeout);
        }
    }
}
