using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Sources;
using GrainSensors.Sources.Schemas;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// Produces the bytes of dead letters to their source topics again, each once. A requeue marker in the dead-letter topic
/// prevents a second requeue. Open the requeue before the index is built, because opening ends what another requeue left open.
/// </summary>
public sealed class DeadLetterRequeue : IDisposable
{
    /// <summary>The bytes of a batch at most, so that its transaction ends well before it times out.</summary>
    private const int MaxBatchBytes = 4 * 1024 * 1024;

    private const int MaxBatchRecords = 500;

    /// <summary>The length of a key in a report, in characters.</summary>
    private const int MaxKeyLength = 60;

    private const string Interrupted = "it was interrupted";

    private readonly DeadLetterTopic _topic;
    private readonly DeadLetterEdit? _edit;
    private readonly RestoredMessages _restored;
    private readonly RequeueLog? _log;

    private DeadLetterRequeue(DeadLetterTopic topic, RestoredMessages restored, bool dryRun, DeadLetterEdit? edit)
    {
        (_topic, _edit) = (topic, edit);
        _restored = restored;
        _log = dryRun ? null
            : topic.IsEmbedded ? new PlainRequeueLog(topic.Clients, restored)
            : new TransactionalRequeueLog(topic.Clients, restored);
    }

    /// <summary>Why the requeue stopped before the last dead letter. Null if it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Opens a requeue.</summary>
    /// <param name="topic">The dead-letter topic.</param>
    /// <param name="rules">The rules of the pipeline, which judges a requeued message again.</param>
    /// <param name="sources">The topics with messages of other forms than the contract.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="dryRun">Writes nothing and does not end other requeues.</param>
    /// <param name="edit">The bytes that take the place of those of one dead letter. Null for none.</param>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer, or has no transactions.</exception>
    public static DeadLetterRequeue Open(
        DeadLetterTopic topic, RejectionRules rules, SourceTopics sources, TimeProvider clock, bool dryRun, DeadLetterEdit? edit = null) =>
        KafkaUnavailableException.Guard(
            topic.Clients.Options, () => new DeadLetterRequeue(topic, new(topic.Name, rules, sources, clock), dryRun, edit));

    /// <summary>Counts the dead letters that <see cref="Run"/> would requeue, and that the pipeline would reject again.</summary>
    /// <param name="index">An index of the topic.</param>
    /// <param name="limit">The number of dead letters to requeue at most. Null for all.</param>
    /// <param name="cancellationToken">Cancels the count.</param>
    /// <returns>The number of all, and the numbers of the rejected ones by the token of their reason.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka does not answer.</exception>
    public (long Total, IReadOnlyDictionary<string, long> Rejected) Judge(
        DeadLetterIndex index, int? limit, CancellationToken cancellationToken)
    {
        var (total, rejected) = (0L, new SortedDictionary<string, long>(StringComparer.Ordinal));
        foreach (var record in Read(index, cancellationToken).Where(record => Refuse(record) is null).Take(limit ?? int.MaxValue))
        {
            total++;
            if (_restored.Judge(record.Message) is not RejectReason.None and var reason)
            {
                rejected[reason.ToToken()] = rejected.GetValueOrDefault(reason.ToToken()) + 1;
            }
        }

        return (total, rejected);
    }

    /// <summary>Requeues the open dead letters that the filter of the index selects, batch by batch.</summary>
    /// <param name="index">An index of the topic.</param>
    /// <param name="limit">The number of dead letters to requeue at most. Null for all.</param>
    /// <param name="cancellationToken">Stops the requeue after the batch that is being written.</param>
    /// <returns>The outcome of each dead letter, after it was written. The first copy stands for all copies.</returns>
    /// <exception cref="KafkaUnavailableException">
    /// During the enumeration: Kafka does not answer when dead letters are read. A failure to write ends in <see cref="Failure"/>.
    /// </exception>
    public IEnumerable<RequeuedDeadLetter> Run(DeadLetterIndex index, int? limit, CancellationToken cancellationToken)
    {
        var (batch, bytes, taken) = (new List<DeadLetterRecord>(), 0, 0);
        foreach (var record in Read(index, CancellationToken.None))
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

            if (Refuse(record) is { } refused)
            {
                yield return refused;
                continue;
            }

            taken++;
            batch.Add(record);
            bytes += record.Message.Bytes!.Length;
            if (batch.Count == MaxBatchRecords || bytes >= MaxBatchBytes)
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

    /// <summary>Closes the producer.</summary>
    public void Dispose()
    {
        _log?.Dispose();
        _restored.Dispose();
    }

    private IEnumerable<DeadLetterRecord> Read(DeadLetterIndex index, CancellationToken cancellationToken) =>
        _topic.Read(index, cancellationToken).Select(record => _edit is { } edit && record.Copies.Contains(edit.Id)
            ? record with { Message = record.Message with { Bytes = edit.Value } }
            : record);

    /// <returns>The outcome of a dead letter that cannot be requeued, or was requeued before. Null for others.</returns>
    private RequeuedDeadLetter? Refuse(DeadLetterRecord record) =>
        record.Requeued is { } marker ? new(record, RequeueOutcome.AlreadyRequeued, null, $"was requeued to {marker.To} before")
        : ObstacleOf(record.Message) is { } obstacle ? new(record, RequeueOutcome.NotPossible, null, obstacle)
        : null;

    private string? ObstacleOf(DeadLetterMessage deadLetter) =>
        deadLetter.RequeueObstacle
        ?? (_topic.ClusterHas(deadLetter.Source!.Topic) ? null : $"comes from \"{deadLetter.Source.Topic}\", a topic that does not exist");

    private List<RequeuedDeadLetter> Append(List<DeadLetterRecord> batch)
    {
        try
        {
            _restored.FetchSchemas(batch.Select(record => record.Message));
            var failures = _log is null || batch.Count == 0 ? new Dictionary<DeadLetterRecord, string>() : _log.Append(batch);
            return [.. batch.Select(record => failures.TryGetValue(record, out var why) ? Failed(record, why) : Done(record))];
        }
        catch (SchemasUnavailableException e)
        {
            Failure = e.Message.TrimEnd('.');
            return [.. batch.Select(record => new RequeuedDeadLetter(
                record, RequeueOutcome.Failed, null, "was not requeued, because its schema is not known"))];
        }
        catch (KafkaException e)
        {
            Failure = e.Error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch
                ? "another requeue of this topic has started"
                : e.Error.Reason;
            return [.. batch.Select(record => Failed(record, Failure))];
        }
    }

    private RequeuedDeadLetter Done(DeadLetterRecord record)
    {
        var key = record.Message.RequeueKey;
        return new(record, RequeueOutcome.Requeued, key is null ? null : PrintableText.Preview(key, MaxKeyLength), null)
        {
            Rejected = _restored.Judge(record.Message),
        };
    }

    private static RequeuedDeadLetter Failed(DeadLetterRecord record, string why) =>
        new(record, RequeueOutcome.Failed, null, $"was refused by Kafka: {why}");
}
