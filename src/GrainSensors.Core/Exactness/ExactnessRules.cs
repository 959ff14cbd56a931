using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Exactness;

/// <summary>
/// The decisions of the exactness protocol, one method each. Tests switch off one rule at a time and prove that readings are lost
/// or counted twice without it. Production uses <see cref="Default"/>.
/// </summary>
/// <remarks>
/// <para>Do not add product behaviour here: each member is a rule of the protocol, and its override is for tests only.</para>
/// <para>
/// State and offset are in one row, so exactness relies neither on a single activation nor on a single consumer or attempt. The
/// rules in order of use: a grain takes readings by the row's own mark. It proves with <c>seen</c> that it holds the readings that
/// were acknowledged to the loop. A flush answers for all rows or none. The loop rewinds to its checkpoint if the proof fails.
/// </para>
/// </remarks>
public class ExactnessRules
{
    public static ExactnessRules Default { get; } = new();

    /// <summary>A log that was truncated gives offsets again. Marks of one incarnation say nothing about readings of another.</summary>
    public virtual int IncarnationOf(LeaderEpochs epochs, long offset) => epochs.IncarnationAt(offset);

    /// <summary>The mark of a row alone decides whether the row takes a reading, independently of other rows of the grain.</summary>
    /// <param name="rowMark">The last offset applied to this row from the source.</param>
    public virtual bool IsNew(long offset, long rowMark) => offset > rowMark;

    /// <summary>Which of two readings of a sensor is the later one does not depend on the order of their arrival.</summary>
    public virtual bool IsLater(ReadingOrder reading, ReadingOrder latest) => reading.IsAfter(latest);

    /// <summary>Of several values of one step the smallest counts (<see cref="Deduplication"/>), whatever came first.</summary>
    public virtual bool TakesPlaceOf(double value, double known) => value < known;

    /// <summary>The values of the steps are in the row, written together with its statistics and marks.</summary>
    public virtual bool KeepsSteps => true;

    /// <summary>
    /// A store that was restored, or replaced by a standby that lags, is another life of it. What was durable in one life may be
    /// missing in the next: an activation of another life than the caller's lacks readings, and answers for none.
    /// </summary>
    public virtual bool IsOtherLife(Guid activation, Guid caller) => activation != caller;

    /// <summary>The number of a new name is used as the store has it: another silo may have given the name another one.</summary>
    public virtual bool ReadsNumbersBack => true;

    /// <summary>In another life of the store a name may have another number, and a number another name.</summary>
    public virtual bool ForgetsNumbers(Guid known, Guid life) => known != life;

    /// <summary>The adds of an activation raise <c>seen</c>; the rows that it loads never do.</summary>
    public virtual Marks SeenAfterLoad(Marks seen, Marks rowMarks) => seen;

    /// <summary>
    /// An acknowledged reading that is not known durable must be in this activation. If it is not, the activation lacks readings.
    /// </summary>
    /// <param name="seen">The last offset that the activation has seen from the source.</param>
    /// <param name="previous">The last offset acknowledged and not yet durable, or <see cref="Marks.None"/>.</param>
    public virtual bool IsGap(long seen, long previous) => previous != Marks.None && seen < previous;

    /// <summary>A flush confirms the offsets that were seen when its snapshot was taken, and only if every row was written.</summary>
    /// <param name="seenAtSnapshot">The last offset seen from the source when the rows were copied.</param>
    /// <param name="seenNow">The last offset seen from the source when the answer is given.</param>
    public virtual long FlushAnswer(bool everyRowWritten, long seenAtSnapshot, long seenNow) =>
        everyRowWritten ? seenAtSnapshot : Marks.None;

    /// <summary>What has changed in the state of a monitor is written again until a write is known to have succeeded.</summary>
    public virtual bool KeepsChangesUntilWritten => true;

    /// <summary>A state is written with the marks that it had when it was copied.</summary>
    /// <param name="atSnapshot">The marks when the changes were copied.</param>
    /// <param name="now">The marks when the write begins.</param>
    public virtual Marks MarksOfWrite(Marks atSnapshot, Marks now) => atSnapshot;

    /// <summary>One refused row proves the whole activation stale.</summary>
    public virtual bool DropsAllWhenRefused => true;

    /// <summary>An answer that covers all that the loop has sent by the time of the answer makes <c>previous</c> none.</summary>
    public virtual bool Covers(long answer, long lastSent) => answer >= lastSent;

    /// <summary>An answer below the last offset sent at the time of the flush request proves that readings are missing.</summary>
    public virtual bool MustRewind(long answer, long lastSentAtRequest) => answer < lastSentAtRequest;

    /// <summary>A loop that rewinds discards every batch that was fetched before.</summary>
    public virtual bool DiscardsStaleBatches => true;

    /// <summary>The loop repeats a failed add unchanged until it is acknowledged.</summary>
    public virtual bool RepeatsFailedAdds => true;

    /// <summary>
    /// A loop that has lost its partition may not know it yet. It dispatches readings that the next owner may reject because of the time
    /// only after the store has confirmed that it holds a checkpoint of the loop.
    /// </summary>
    /// <param name="tooEarly">A reading was too far ahead of the clock when the store last confirmed it.</param>
    /// <param name="tooLate">The window of a reading is about to be past retention.</param>
    public virtual bool MustProveOwnership(bool tooEarly, bool tooLate) => tooEarly || tooLate;

    /// <summary>
    /// Another owner may have refused the message of a name that has got its number since. A loop dispatches readings of names only after
    /// the store has confirmed its ownership at a time when the store had all numbers that the silo knows: later owners find them, too.
    /// </summary>
    /// <param name="learned">The times at which the silo has learned numbers of names.</param>
    /// <param name="proven">The same before the store has last confirmed the ownership.</param>
    public virtual bool MustProveNames(long learned, long proven) => learned != proven;

    /// <summary>The checkpoint waits for the flush answer of every grain that received readings.</summary>
    public virtual bool CheckpointWaitsForGrains => true;
}
