using System.Globalization;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Web.Formatting;

namespace GrainSensors.DeadLetters;

/// <summary>The commands about dead letters, once their options are understood.</summary>
/// <param name="json">JSON instead of text.</param>
internal sealed class DeadLettersRun(KafkaOptions kafka, bool json)
{
    /// <param name="limit">At most so many; null: all.</param>
    /// <param name="all">Those too that were requeued.</param>
    public Task<int> ListAsync(DeadLetterFilter filter, int? limit, bool all) => WithTopicAsync(topic =>
    {
        var columns = new DeadLetterColumns(Console.IsOutputRedirected ? null : Console.WindowWidth, all);
        var (counts, requeued, more) = (new SortedDictionary<string, long>(StringComparer.Ordinal), 0L, false);
        var total = 0L;
        foreach (var filed in topic.Read(topic.Index(filter, CancellationToken.None), CancellationToken.None))
        {
            if (filed.Requeued is not null && !all)
            {
                requeued++;
                continue;
            }

            if (total == limit)
            {
                more = true;
                break;
            }

            if (total++ == 0 && !json && !Console.IsOutputRedirected)
            {
                Console.WriteLine(columns.Header());
            }

            counts[filed.Message.Reason] = counts.GetValueOrDefault(filed.Message.Reason) + 1;
            Console.WriteLine(json ? DeadLetterJson.Row(filed) : columns.Line(filed));
        }

        var byReason = string.Join(", ", counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {DeadLetterText.Escape(count.Key)}")));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{total} letter{(total == 1 ? "" : "s")}{(total == 0 ? "" : $": {byReason}")}"
            + $"{(more ? "; there are more than --limit" : requeued == 0 ? "" : $"; {requeued} already requeued, --all lists those too")}"));
        return ExitCodes.Success;
    });

    /// <param name="raw">Only the bytes.</param>
    public Task<int> ShowAsync(DeadLetterId id, bool raw) => WithTopicAsync(topic =>
    {
        var index = topic.Index(new() { Ids = new HashSet<DeadLetterId> { id } }, CancellationToken.None);
        RequireAll(index, topic);
        var filed = topic.Read(index, CancellationToken.None).First();
        if (!raw)
        {
            Console.WriteLine(json ? DeadLetterJson.Details(filed) : DeadLetterDetails.Of(filed, topic.Name));
            return ExitCodes.Success;
        }

        using var output = Console.OpenStandardOutput();
        output.Write(filed.Message.Bytes);
        return ExitCodes.Success;
    });

    /// <param name="limit">At most so many are requeued; null: all.</param>
    public Task<int> RequeueAsync(DeadLetterFilter filter, int? limit, bool dryRun, CancellationToken cancellationToken) => WithTopicAsync(topic =>
    {
        using var interruption = new Interruption(cancellationToken);
        using var requeue = DeadLetterRequeue.Open(topic, dryRun);
        var index = topic.Index(filter, interruption.Token);
        RequireAll(index, topic);
        var report = new RequeueReport(dryRun);
        foreach (var done in requeue.Run(index, limit, interruption.Token))
        {
            report.Add(done);
            if (RequeueReport.IsProblem(done))
            {
                Console.Error.WriteLine(DeadLetterText.Escape($"{done.Id} {(done.Outcome == RequeueOutcome.NotPossible ? "cannot be requeued: it " : "")}{done.Why}"));
            }
            else if (dryRun && !json && done.Outcome == RequeueOutcome.Requeued)
            {
                Console.WriteLine(DeadLetterText.Escape($"{done.Id} would go to {done.Record.Message.Source!.Topic}, {(done.Key is null ? "without a key" : $"with the key {done.Key}")}"));
            }
        }

        report.Stopped = requeue.Failure;
        if (report.Stopped is not null)
        {
            Console.Error.WriteLine($"The requeue stopped before the last letter: {report.Stopped}. Start it again for the rest.");
        }

        Console.WriteLine(json ? JsonOutput.Of(report) : report.ToText());
        return report.Stopped is null && report.NotPossible + report.Failed == 0 ? ExitCodes.Success : ExitCodes.SomethingRejected;
    });

    private async Task<int> WithTopicAsync(Func<DeadLetterTopic, int> work)
    {
        using var topic = await DeadLetterTopic.OpenAsync(kafka);
        return work(topic);
    }

    private static void RequireAll(DeadLetterIndex index, DeadLetterTopic topic)
    {
        foreach (var id in index.Filter.Ids?.Order() ?? Enumerable.Empty<DeadLetterId>())
        {
            if (index.IsMarker(id))
            {
                throw new UsageException($"{id} of {topic.Name} is no letter but the mark of a requeue; 'grainsensors dlq list --all' has the ids of letters.");
            }

            if (!index.Has(id))
            {
                throw new UsageException($"There is no letter {id} in {topic.Name}; 'grainsensors dlq list --all' has the ids of those that are.");
            }
        }
    }
}
