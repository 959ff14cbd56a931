using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Exactness;

/// <summary>
/// The decisions of the exactness protocol, one method each, so that a test can switch any one of them off and
/// see that readings are lost or counted twice without it. Production uses <see cref="Default"/>.
/// </summary>
/// <remarks>
/// State and offset live in one row, so nothing relies on a single activation, a single consumer or a single try.
/// The rules in order of use: a grain takes readings by the row's own mark; it proves with <c>seen</c> that it
/// holds what was acknowledged to the loop; a flush answers for everything or nothing; the loop rewinds to its
/// checkpoint whenever the proof fails.
/// </remarks>
public class ExactnessRules
{
    public static ExactnessRules Default { get; } = new();

    /// <summary>A row's own mark decides what it takes; other rows of the grain say nothing about it.</summary>
    /// <param name="rowMark">The last offset applied to this row from the source.</param>
    public virtual bool IsNew(long offset, long rowMark) => offset > rowMark;

    /// <summary>What an activation has seen is raised by its own adds, never by the rows that it loads.</summary>
    public virtual Marks SeenAfterLoad(Marks seen, Marks rowMarks) => seen;

    /// <summary>An acknowledged reading that is not known durable must be in this activation, else something is missing.</summary>
    /// <param name="seen">What the activation has seen from the source.</param>
    /// <param name="previous">The last offset acknowledged and not yet durable, or <see cref="Marks.None"/>.</param>
    public virtual bool IsGap(long seen, long previous) => previous != Marks.None && seen < previous;

    /// <summary>A flush vouches for what was seen when its snapshot was taken, and only when every row was written.</summary>
    /// <param name="seenAtSnapshot">Seen from the source when the rows were copied.</param>
    /// <param name="seenNow">Seen from the source when the answer is given.</param>
    public virtual long FlushAnswer(bool everyRowWritten, long seenAtSnapshot, long seenNow) =>
        everyRowWritten ? seenAtSnapshot : Marks.None;

    /// <summary>One refused row proves the whole activation stale.</summary>
    public virtual bool DropsAllWhenRefused => true;

    /// <summary>An answer covers what the loop has sent by the time the answer is judged, so the next add needs no previous.</summary>
    public virtual bool Covers(long answer, long lastSent) => answer >= lastSent;

    /// <summary>An answer below what had been sent when the flush was asked for means that readings are missing.</summary>
    public virtual bool MustRewind(long answer, long lastSentAtRequest) => answer < lastSentAtRequest;

    /// <summary>A rewound loop discards every batch that was fetched before.</summary>
    public virtual bool DiscardsStaleBatches => true;

    /// <summary>An add that failed is repeated unchanged until it is acknowledged.</summary>
    public virtual bool RepeatsFailedAdds => true;

    /// <summary>The checkpoint waits until every grain that was sent to has answered for it.</summary>
    public virtual bool CheckpointWaitsForGrains => true;
}
