using GrainSensors.Core.Exactness;
using GrainSensors.Core.Windows;

namespace GrainSensors.Cluster.Tests.Exactness;

/// <summary>The protocol with one rule switched off or replaced by a plausible wrong one.</summary>
internal static class BrokenRules
{
    public sealed class LogHasOneIncarnation : ExactnessRules
    {
        public override int IncarnationOf(LeaderEpochs epochs, long offset) => 0;
    }

    public sealed class StoreHasOneLife : ExactnessRules
    {
        public override bool IsOtherLife(Guid activation, Guid caller) => false;
    }

    public sealed class NumbersAreNotReadBack : ExactnessRules
    {
        public override bool ReadsNumbersBack => false;
    }

    public sealed class NumbersSurviveRestores : ExactnessRules
    {
        public override bool ForgetsNumbers(Guid known, Guid life) => known == Guid.Empty && life != Guid.Empty;
    }

    public sealed class RowTakesEverything : ExactnessRules
    {
        public override bool IsNew(long offset, long rowMark) => true;
    }

    public sealed class LastToArriveIsLatest : ExactnessRules
    {
        public override bool IsLater(ReadingOrder reading, ReadingOrder latest) => true;
    }

    public sealed class TimeAloneDecidesLatest : ExactnessRules
    {
        public override bool IsLater(ReadingOrder reading, ReadingOrder latest) => reading.Timestamp > latest.Timestamp;
    }

    public sealed class FirstValueOfStepCounts : ExactnessRules
    {
        public override bool TakesPlaceOf(double value, double known) => false;
    }

    public sealed class LastValueOfStepCounts : ExactnessRules
    {
        public override bool TakesPlaceOf(double value, double known) => true;
    }

    public sealed class StepsAreOnlyInMemory : ExactnessRules
    {
        public override bool KeepsSteps => false;
    }

    public sealed class LoadingRowsRaisesSeen : ExactnessRules
    {
        public override Marks SeenAfterLoad(Marks seen, Marks rowMarks) => seen.Max(rowMarks);
    }

    public sealed class NoGap : ExactnessRules
    {
        public override bool IsGap(long seen, long previous) => false;
    }

    public sealed class PartialFlushVouches : ExactnessRules
    {
        public override long FlushAnswer(bool everyRowWritten, long seenAtSnapshot, long seenNow) => seenAtSnapshot;
    }

    public sealed class FlushVouchesForWhatCameLater : ExactnessRules
    {
        public override long FlushAnswer(bool everyRowWritten, long seenAtSnapshot, long seenNow) =>
            everyRowWritten ? seenNow : Marks.None;
    }

    public sealed class RefusedRowIsDroppedAlone : ExactnessRules
    {
        public override bool DropsAllWhenRefused => false;
    }

    public sealed class ChangesOfFailedWritesAreForgotten : ExactnessRules
    {
        public override bool KeepsChangesUntilWritten => false;
    }

    public sealed class MarksAreThoseOfLaterReadings : ExactnessRules
    {
        public override Marks MarksOfWrite(Marks atSnapshot, Marks now) => now;
    }

    public sealed class AnyAnswerCovers : ExactnessRules
    {
        public override bool Covers(long answer, long lastSent) => true;
    }

    public sealed class NeverRewindsAfterFlush : ExactnessRules
    {
        public override bool MustRewind(long answer, long lastSentAtRequest) => false;
    }

    public sealed class StaleBatchesAreKept : ExactnessRules
    {
        public override bool DiscardsStaleBatches => false;
    }

    public sealed class FailedAddsAreSkipped : ExactnessRules
    {
        public override bool RepeatsFailedAdds => false;
    }

    public sealed class EarlyReadingsNeedNoOwnership : ExactnessRules
    {
        public override bool MustProveOwnership(bool tooEarly, bool tooLate) => tooLate;
    }

    public sealed class LateReadingsNeedNoOwnership : ExactnessRules
    {
        public override bool MustProveOwnership(bool tooEarly, bool tooLate) => tooEarly;
    }

    public sealed class NumbersNeedNoOwnership : ExactnessRules
    {
        public override bool MustProveNames(long learned, long proven) => false;
    }

    public sealed class CheckpointDoesNotWait : ExactnessRules
    {
        public override bool CheckpointWaitsForGrains => false;
    }
}
