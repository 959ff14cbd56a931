using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Access;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Sources;
using GrainSensors.Sources.Schemas;
using GrainSensors.Web.Access;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Formatting;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.DeadLetters;

/// <summary>The dead letters in Kafka, for the API and the console.</summary>
/// <remarks>
/// The Kafka client blocks its thread while it reads. So one request at a time reads the topic, on a thread of the pool; the others wait.
/// </remarks>
internal sealed class DeadLetterBook(
    IOptions<KafkaOptions> kafka,
    IOptions<IngestOptions> ingest,
    ReadingParser parser,
    SourceTopics sources,
    TimeProvider clock,
    AuditTrail audit) : IDisposable
{
    /// <summary>Whom API and console allow to requeue.</summary>
    public const string Policy = AccessPolicies.Admin;

    private readonly RejectionRules _rules = new(parser, new(ingest.Value.Period, ingest.Value.Retention));
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <param name="isRequeued">Null: the requeued and the open ones.</param>
    /// <param name="limit">The number of the latest ones to return.</param>
    /// <exception cref="KafkaUnavailableException">Kafka is unavailable, or the topic does not exist.</exception>
    public Task<DeadLetterList> ListAsync(DeadLetterFilter filter, bool? isRequeued, int limit, CancellationToken cancellationToken) =>
        WithTopicAsync(
            topic => DeadLetterList.Of(
                topic.Read(topic.Index(filter, cancellationToken), cancellationToken)
                    .Where(record => isRequeued is null || record.Requeued is not null == isRequeued),
                limit),
            cancellationToken);

    /// <returns>Null: there is no such dead letter.</returns>
    /// <exception cref="KafkaUnavailableException">Kafka is unavailable, or the topic does not exist.</exception>
    public Task<DeadLetterRecord?> FindAsync(DeadLetterId id, CancellationToken cancellationToken) => WithTopicAsync(
        topic => topic.Read(topic.Index(new() { Ids = new HashSet<DeadLetterId> { id } }, cancellationToken), cancellationToken)
            .FirstOrDefault(),
        cancellationToken);

    /// <summary>Sends the open dead letters that the filter selects back to their topics.</summary>
    /// <exception cref="ChangeRefusedException">
    /// One of the ids does not exist, or the pipeline would reject messages again and the order does not accept that.
    /// </exception>
    /// <exception cref="KafkaUnavailableException">Kafka is unavailable, or the topic does not exist.</exception>
    public async Task<RequeueReport> RequeueAsync(AuditActor actor, RequeueOrder order, CancellationToken cancellationToken)
    {
        var report = await WithTopicAsync(topic => Requeue(topic, order, cancellationToken), cancellationToken);
        if (report.Requeued > 0 && !order.IsDryRun)
        {
            var target = order.Filter.Ids is { Count: 1 } ids ? $"{ids.First()}" : kafka.Value.DeadLetterTopic;
            var edited = order.Edit is null ? "" : ", edited";
            var detail = $"{DisplayFormat.Plural(report.Requeued, "dead letter")}{edited}";
            await audit.WriteAsync(actor, AuditActions.DeadLetterRequeue, target, detail);
        }

        return report;
    }

    public void Dispose() => _turn.Dispose();

    private RequeueReport Requeue(DeadLetterTopic topic, RequeueOrder order, CancellationToken cancellationToken)
    {
        using var requeue = DeadLetterRequeue.Open(topic, _rules, sources, clock, order.IsDryRun, order.Edit);
        var index = topic.Index(order.Filter, cancellationToken);
        foreach (var id in order.Filter.Ids?.Order() ?? Enumerable.Empty<DeadLetterId>())
        {
            if (!index.Has(id))
            {
                throw new ChangeRefusedException(ChangeRefusal.Unknown, $"{topic.Name} has no dead letter {id}; nothing was requeued.");
            }
        }

        if (order is { IsDryRun: false, AcceptsRejection: false })
        {
            RequireAccepted(requeue, index, cancellationToken);
        }

        var report = new RequeueReport(order.IsDryRun);
        foreach (var done in requeue.Run(index, limit: null, cancellationToken))
        {
            report.Add(done);
        }

        report.Stopped = requeue.Failure;
        return report;
    }

    private static void RequireAccepted(DeadLetterRequeue requeue, DeadLetterIndex index, CancellationToken cancellationToken)
    {
        try
        {
            var (total, rejected) = requeue.Judge(index, limit: null, cancellationToken);
            if (rejected.Count > 0)
            {
                var reasons = string.Join(", ", rejected.Select(reason => $"{DisplayFormat.Count(reason.Value)} {reason.Key}"));
                throw new ChangeRefusedException(
                    ChangeRefusal.RejectedAgain,
                    $"{DisplayFormat.Count(rejected.Values.Sum())} of {DisplayFormat.Plural(total, "message")} would be rejected again "
                    + $"({reasons}), so nothing was requeued.");
            }
        }
        catch (SchemasUnavailableException e)
        {
            throw new ChangeRefusedException(ChangeRefusal.NotDelivered, $"{e.Message.TrimEnd('.')}; nothing was requeued.", e);
        }
    }

    private async Task<T> WithTopicAsync<T>(Func<DeadLetterTopic, T> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(
                async () =>
                {
                    using var topic = await DeadLetterTopic.OpenAsync(kafka.Value);
                    return work(topic);
                },
                CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }
}

/// <summary>What to requeue, and how.</summary>
/// <param name="Filter">Selects the dead letters.</param>
internal sealed record RequeueOrder(DeadLetterFilter Filter)
{
    /// <summary>The bytes that take the place of those of one dead letter.</summary>
    public DeadLetterEdit? Edit { get; init; }

    /// <summary>Whether to write nothing.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Whether to requeue messages that the pipeline will reject again.</summary>
    public bool AcceptsRejection { get; init; }
}
