using GrainSensors.Core.Exactness;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Exactness;

/// <summary>The rules at their edges. Simulations with broken rules prove that each rule is needed.</summary>
public sealed class ExactnessRulesTests
{
    private static readonly ExactnessRules Rules = ExactnessRules.Default;

    [Theory]
    [InlineData(0, Marks.None, true)]
    [InlineData(5, 4, true)]
    [InlineData(5, 5, false)]
    [InlineData(4, 5, false)]
    public void A_row_takes_what_is_beyond_its_mark(long offset, long mark, bool expected) =>
        Assert.Equal(expected, Rules.IsNew(offset, mark));

    [Theory]
    [InlineData(Marks.None, Marks.None, false)]
    [InlineData(Marks.None, 0, true)]
    [InlineData(4, 5, true)]
    [InlineData(5, 5, false)]
    [InlineData(6, 5, false)]
    public void An_activation_that_saw_less_than_was_acknowledged_has_a_gap(long seen, long previous, bool expected) =>
        Assert.Equal(expected, Rules.IsGap(seen, previous));

    [Fact]
    public void Loading_rows_raises_nothing_seen()
    {
        var source = new SourceId(Guid.Empty, 0);
        Assert.Equal(3, Rules.SeenAfterLoad(Marks.Empty.Raise(source, 3), Marks.Empty.Raise(source, 9))[source]);
    }

    [Fact]
    public void A_flush_vouches_for_its_snapshot_or_for_nothing()
    {
        Assert.Equal(5, Rules.FlushAnswer(everyRowWritten: true, seenAtSnapshot: 5, seenNow: 9));
        Assert.Equal(Marks.None, Rules.FlushAnswer(everyRowWritten: false, seenAtSnapshot: 5, seenNow: 9));
    }

    [Theory]
    [InlineData(4, false, true)]
    [InlineData(5, true, false)]
    [InlineData(6, true, false)]
    public void An_answer_covers_what_was_sent_or_sends_the_loop_back(long answer, bool covers, bool rewinds) =>
        Assert.Equal((covers, rewinds), (Rules.Covers(answer, lastSent: 5), Rules.MustRewind(answer, lastSentAtRequest: 5)));

    [Fact]
    public void By_default_no_rule_is_off() =>
        Assert.True(Rules.DropsAllWhenRefused && Rules.DiscardsStaleBatches && Rules.RepeatsFailedAdds && Rules.CheckpointWaitsForGrains);
}
