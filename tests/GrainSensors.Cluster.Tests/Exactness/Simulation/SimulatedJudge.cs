using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>
/// Rejects readings by the clock, as the consumer does: at first those of the last window are too far ahead, and later those of the
/// first window may be too old. Dead letters are written late or not at all.
/// </summary>
internal sealed class SimulatedJudge(
    StepScheduler scheduler, Random random, Faults faults, Judging judging, TimeProvider clock) : SingleDeadLetters
{
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(20);

    /// <summary>The windows of the present are kept, and not much more; readings count as expired two hours before.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromHours(2) + TimeSpan.FromSeconds(70);

    private readonly Dictionary<(int, long), (RejectReason, long?)> _first = [];
    private readonly ReadingWriter _writer = new(MeasurementSet.Default);

    public RejectionRules Rules { get; } = new(
        new(MeasurementSet.Default, new() { MaxAhead = Ahead }),
        new(Schedule.Period, random.Next(3) == 0 ? Timeout.InfiniteTimeSpan : Retention));

    /// <summary>The messages with a dead letter.</summary>
    public HashSet<(int Partition, long Offset)> Letters { get; } = [];

    /// <summary>Letters that differ from an earlier one of the same message.</summary>
    public int Different { get; private set; }

    /// <summary>What a loop that starts knows of the judgements of other loops.</summary>
    public Refusals Begin(IEnumerable<Refusal> stored, long judgedFrom, SimulatedLog log)
    {
        var refusals = new Refusals(stored, judging.ByAllTimes, judgedFrom);
        if (!judging.UntilEnd)
        {
            refusals.ReachedEnd(log.EarlierEnd);
        }

        return refusals;
    }

    /// <returns>The dead letter of a message. Null if it is a reading.</returns>
    public DeadLetter? Reject(Refusals refusals, SourceId partition, in Reading reading)
    {
        var bytes = new byte[_writer.MaxLength];
        bytes = bytes[.._writer.Write(reading, bytes)];
        Refusal? refusal = null;
        var reason = Rules.Judge(refusals, reading.Offset, bytes, EpochTime.Now(clock), new(), new(), out _, ref refusal);
        return reason == RejectReason.None
            ? null
            : new("simulated", partition.Partition, reading.Offset, reason, "", bytes, MessageAttributes.None)
            {
                Refusals = refusal is { } one ? [one] : [],
            };
    }

    protected override async Task WriteAsync(DeadLetter deadLetter)
    {
        for (var turns = random.Next(6); turns > 0; turns--)
        {
            await scheduler.YieldAsync();
        }

        var key = (deadLetter.Partition, deadLetter.Offset);
        var judgement = (deadLetter.Reason, deadLetter.Refusals.Select(refusal => (long?)refusal.RefusedAt).SingleOrDefault());
        Different += _first.TryAdd(key, judgement) || _first[key] == judgement ? 0 : 1;
        Letters.Add(key);
        if (random.NextDouble() < faults.LostAnswer)
        {
            throw new TimeoutException("The answer was lost.");
        }
    }
}
