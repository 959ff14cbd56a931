using GrainSensors.Core.Readings;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Web.DeadLetters;

/// <summary>The result of a requeue.</summary>
internal sealed class RequeueReport(bool dryRun)
{
    /// <summary>The command prints every problem when it occurs; beyond this number the report only counts them.</summary>
    private const int MaxProblems = 100;

    private readonly List<Problem> _problems = [];

    public bool DryRun => dryRun;

    public long Requeued { get; private set; }

    /// <summary>The requeued dead letters that the pipeline will reject again.</summary>
    public long RejectedAgain { get; private set; }

    public long AlreadyRequeued { get; private set; }

    public long NotPossible { get; private set; }

    public long Failed { get; private set; }

    /// <summary>The first dead letters that were not requeued.</summary>
    public IReadOnlyList<Problem> Problems => _problems;

    /// <summary>Why the requeue stopped before the last dead letter; null: it finished.</summary>
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
        RejectedAgain += done is { Outcome: RequeueOutcome.Requeued, Rejected: not RejectReason.None } ? 1 : 0;
        if (IsProblem(done) && _problems.Count < MaxProblems)
        {
            _problems.Add(new(done.Id.ToString(), done.Why!));
        }
    }

    public static bool IsProblem(RequeuedDeadLetter done) => done.Outcome is RequeueOutcome.NotPossible or RequeueOutcome.Failed;

    /// <param name="Why">A clause about the dead letter, such as "is a tombstone".</param>
    public sealed record Problem(string Id, string Why);
}
