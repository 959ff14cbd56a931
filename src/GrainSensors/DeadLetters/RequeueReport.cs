using System.Globalization;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.DeadLetters;

/// <summary>How a requeue came out.</summary>
internal sealed class RequeueReport(bool dryRun)
{
    /// <summary>More of them are told when they are met, and only counted here.</summary>
    private const int MaxProblems = 100;

    private readonly List<Problem> _problems = [];

    public bool DryRun => dryRun;

    public long Requeued { get; private set; }

    public long AlreadyRequeued { get; private set; }

    public long NotPossible { get; private set; }

    public long Failed { get; private set; }

    /// <summary>The first of the letters that were not requeued.</summary>
    public IReadOnlyList<Problem> Problems => _problems;

    /// <summary>Why it ended before the last letter; null: it did not.</summary>
    public string? Stopped { get; set; }

    public void Add(RequeuedDeadLetter done)
    {
        _ = done.Outcome switch
        {
            RequeueOutcome.Requeued => Requeued++,
            RequeueOutcome.AlreadyRequeued => AlreadyRequeued++,
            RequeueOutcome.NotPossible => NotPossible++,
            _ => Failed++,
        };
        if (IsProblem(done) && _problems.Count < MaxProblems)
        {
            _problems.Add(new(done.Id.ToString(), done.Why!));
        }
    }

    public static bool IsProblem(RequeuedDeadLetter done) => done.Outcome is RequeueOutcome.NotPossible or RequeueOutcome.Failed;

    public string ToText()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Requeued:N0} {(DryRun ? "would be requeued" : "requeued")}, {AlreadyRequeued:N0} already requeued, {NotPossible:N0} not possible");
        return text + (Failed > 0 ? string.Create(CultureInfo.InvariantCulture, $", {Failed:N0} failed") : "") + (DryRun ? ". Nothing was done: this was a dry run." : "");
    }

    /// <param name="Why">A clause about the letter: "is a tombstone …".</param>
    public sealed record Problem(string Id, string Why);
}
