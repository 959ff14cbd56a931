using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Puts the bytes of letters back where they came from, each once: a mark in the dead-letter topic tells the next
/// requeue. To be opened before the index is made, as it ends what another requeue has left open.
/// </summary>
public sealed class DeadLetterRequeue : IDisposable
{
    /// <summary>One transaction has to be done long before it times out.</summary>
    private const int MaxBatchBytes = 4 * 1024 * 1024;

    private const int MaxBatchLetters = 500;

    private const string Interrupted = "it was interrupted";

    private readonly DeadLetterTopic _topic;
    private readonly RequeueLog? _log;

    private DeadLetterRequeue(DeadLetterTopic topic, RequeueLog? log)
    {
        _topic = topic;
        _log = log;
    }

    /// <summary>Why it stopped before the last letter; null: it did not.</summary>
    public string? Failure { get; private set; }

    /// <param name="dryRun">Nothing is written, and no other requeue is shut out.</param>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or has no transactions.</exception>
    public static DeadLetterRequeue Open(DeadLetterTopic topic, bool dryRun) => KafkaUnavailableException.Guard(
        topic.Clients.Options,
        () => new DeadLetterRequeue(topic, dryRun ? null : topic.IsEmbedded ? new PlainRequeueLog(topic.Clients, topic.Name) : new TransactionalRequeueLog(topic.Clients, topic.Name)));

    /// <summary>Requeues the open letters that the index's filter takes, batch by batch.</summary>
    /// <param name="limit">At most so many are requeued; null: all.</param>
    /// <param name="cancellationToken">Ends it after the batch that is being written.</param>
    /// <returns>What was done with each letter, once it is done; the first of its copies stands for them.</returns>
    /// <exception cref="KafkaUnavailableException">While it is enumerated: Kafka does not answer when letters are read. <see cref="Failure"/> says when it takes none.</exception>
    public IEnumerable<RequeuedDeadLetter> Run(DeadLetterIndex index, int? limit, CancellationToken cancellationToken)
    {
        var (batch, bytes, taken) = (new List<DeadLetterRecord>(), 0, 0);
        foreach (var filed in _topic.Read(index, CancellationToken.None))
        {
            if (taken == limit)
            {
                break;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                Failure = Interrupted;
                yield break;
            }

            if (filed.Requeued is { } mark)
            {
                yield return new(filed, RequeueOutcome.AlreadyRequeued, null, $"was requeued to {mark.To} before");
            }
            else if (ObstacleOf(filed.Letter) is { } obstacle)
            {
                yield return new(filed, RequeueOutcome.NotPossible, null, obstacle);
            }
            else
            {
                taken++;
                batch.Add(filed);
                bytes += filed.Letter.Bytes!.Length;
            }

            if (batch.Count == MaxBatchLetters || bytes >= MaxBatchBytes)
            {
                foreach (var done in Append(batch))
                {
                    yield return done;
                }

                (batch, bytes) = ([], 0);
                if (Failure is not null)
                {
                    yield break;
                }
            }
        }

        foreach (var done in Append(batch))
        {
            yield return done;
        }
    }

    public void Dispose() => _log?.Dispose();

    private string? ObstacleOf(DeadLetterMessage letter) =>
        letter.RequeueObstacle ?? (_topic.HasBeside(letter.Source!.Topic) ? null : $"comes from \"{letter.Source.Topic}\", and there is no such topic");

    private List<RequeuedDeadLetter> Append(List<DeadLetterRecord> batch)
    {
        try
        {
            var failures = _log is null || batch.Count == 0 ? new Dictionary<DeadLetterRecord, string>() : _log.Append(batch);
            return [.. batch.Select(filed => failures.TryGetValue(filed, out var why) ? Failed(filed, why) : Done(filed))];
        }
        catch (KafkaException e)
        {
            Failure = e.Error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch
                ? "another requeue of this topic has begun"
                : e.Error.Reason;
            return [.. batch.Select(filed => Failed(filed, Failure))];
        }
    }

    private static RequeuedDeadLetter Done(DeadLetterRecord filed)
    {
        var key = SensorKey.Of(filed.Letter.Bytes);
        return new(filed, RequeueOutcome.Requeued, key is null ? null : Encoding.UTF8.GetString(key), null);
    }

    private static RequeuedDeadLetter Failed(DeadLetterRecord filed, string why) =>
        new(filed, RequeueOutcome.Failed, null, $"was not taken by Kafka: {why}");
}
