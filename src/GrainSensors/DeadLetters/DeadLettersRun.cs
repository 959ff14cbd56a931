using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Invocation;
using GrainSensors.Sources;
using GrainSensors.Terminal;
using GrainSensors.Web.DeadLetters;
using GrainSensors.Web.Formatting;

namespace GrainSensors.DeadLetters;

/// <summary>Runs the dead-letter commands.</summary>
/// <param name="rules">The rules of the pipeline.</param>
/// <param name="sources">The topics of the sources.</param>
/// <param name="json">Whether to print JSON instead of text.</param>
internal sealed class DeadLettersRun(KafkaOptions kafka, RejectionRules rules, SourceTopics sources, bool json)
{
    /// <param name="limit">The maximum number to list; null: all.</param>
    /// <param name="all">Whether to include requeued dead letters.</param>
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

        var reasons = string.Join(", ", counts.Select(count => $"{Plural.Number(count.Value)} {PrintableText.Escape(count.Key)}"));
        var rest = more ? "; --limit hides more" : requeued > 0 ? $"; {Plural.Number(requeued)} requeued, list them with --all" : "";
        Console.Error.WriteLine($"{Plural.Of(total, "dead letter")}{(total == 0 ? "" : $": {reasons}")}{rest}");
        return ExitCodes.Success;
    });

    /// <param name="raw">Whether to print only the bytes.</param>
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

    /// <param name="limit">The maximum number to requeue; null: all.</param>
    /// <param name="yes">Whether to requeue dead letters that the pipeline will reject again without asking.</param>
    /// <param name="edit">The bytes that take the place of those of one dead letter; null: none.</param>
    public Task<int> RequeueAsync(
        DeadLetterFilter filter, int? limit, DeadLetterEdit? edit, bool dryRun, bool yes, CancellationToken cancellationToken) =>
        WithTopicAsync(topic => Requeue(topic, filter, limit, edit, dryRun, yes, cancellationToken));

    private int Requeue(
        DeadLetterTopic topic, DeadLetterFilter filter, int? limit, DeadLetterEdit? edit, bool dryRun, bool yes,
        CancellationToken cancellationToken)
    {
        using var requeue = DeadLetterRequeue.Open(topic, rules, sources, TimeProvider.System, dryRun, edit);
        var index = topic.Index(filter, cancellationToken);
        RequireAll(index, topic);
        if (!dryRun)
        {
            Confirm(requeue.Judge(index, limit, cancellationToken), topic, yes, cancellationToken);
        }

        var report = new RequeueReport(dryRun);
        foreach (var done in requeue.Run(index, limit, cancellationToken))
        {
            report.Add(done);
            Print(done, dryRun);
        }

        report.Stopped = requeue.Failure;
        if (report.Stopped is not null)
        {
            Console.Error.WriteLine($"The requeue stopped early: {report.Stopped}. Run the command again to requeue the rest.");
        }

        Console.WriteLine(json ? JsonOutput.Of(report) : TextOf(report));
        return report.Stopped is null && report.NotPossible + report.Failed == 0 ? ExitCodes.Success : ExitCodes.SomethingRejected;
    }

    private static string TextOf(RequeueReport report)
    {
        var requeued = $"{Plural.Number(report.Requeued)} {(report.DryRun ? "would be requeued" : "requeued")}";
        var again = report.RejectedAgain > 0 ? $" ({Plural.Number(report.RejectedAgain)} will be rejected again)" : "";
        var skipped = $"{Plural.Number(report.AlreadyRequeued)} already requeued, "
            + $"{Plural.Number(report.NotPossible)} skipped (cannot be requeued)";
        var failed = report.Failed > 0 ? $", {Plural.Number(report.Failed)} failed" : "";
        return $"{requeued}{again}, {skipped}{failed}{(report.DryRun ? ". Dry run: nothing was changed." : "")}";
    }

    private void Confirm(
        (long Total, IReadOnlyDictionary<string, long> Rejected) judged,
        DeadLetterTopic topic,
        bool yes,
        CancellationToken cancellationToken)
    {
        var target = $"Requeuing {Plural.Of(judged.Total, "dead letter")} of topic {topic.Name} of Kafka {kafka.BootstrapServers}";
        if (judged.Rejected.Count == 0)
        {
            Confirmation.Announce(target);
            return;
        }

        var reasons = string.Join(", ", judged.Rejected.Select(reason => $"{Plural.Number(reason.Value)} {reason.Key}"));
        var rejected = Plural.Number(judged.Rejected.Values.Sum());
        Confirmation.Require($"{target}; {rejected} will be rejected again ({reasons})", yes, cancellationToken);
    }

    private void Print(RequeuedDeadLetter done, bool dryRun)
    {
        if (RequeueReport.IsProblem(done))
        {
            var problem = done.Outcome == RequeueOutcome.NotPossible ? "cannot be requeued: it " : "";
            Console.Error.WriteLine(PrintableText.Escape($"{done.Id} {problem}{done.Why}"));
        }
        else if (dryRun && !json && done.Outcome == RequeueOutcome.Requeued)
        {
            var key = done.Key is null ? "without a key" : $"with key {done.Key}";
            var again = done.Rejected == RejectReason.None ? "" : $", and be rejected again as {done.Rejected.ToToken()}";
            Console.WriteLine(PrintableText.Escape($"{done.Id} would go to {done.Record.Message.Source!.Topic}, {key}{again}"));
        }
    }

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
                throw new UsageException(
                    $"{id} of {topic.Name} marks a requeue; `grainsensors dlq list --all` prints the ids of dead letters.");
            }

            if (!index.Has(id))
            {
                throw new UsageException($"{topic.Name} has no dead letter {id}; `grainsensors dlq list --all` prints the ids.");
            }
        }
    }
}
