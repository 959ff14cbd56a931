using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Merging;

public sealed class LongerPeriodsTests
{
    private const long Minute = 60 * EpochTime.MicrosPerSecond;
    private static readonly Period Pane = Period.Parse("PT1M");
    private static readonly LongerPeriods Periods = Of("PT3M/PT1M", "PT1H");

    [Fact]
    public void A_pane_is_in_each_longer_window_that_contains_it()
    {
        var over = Periods.Over(new(7, Pane, 60 * Minute)).Select(window => (window.Period.ToString(), window.Start / Minute)).ToList();
        Assert.Equal([("PT3M/PT1M", 58), ("PT3M/PT1M", 59), ("PT3M/PT1M", 60), ("PT1H", 60)], over);
    }

    [Fact]
    public void Only_final_panes_of_the_period_make_longer_windows_stale()
    {
        var pane = new StoredWindow(new(7, Pane, 0), [], Marks.Empty, 1, 0, IsFinal: true);
        Assert.Equal(4, Periods.StaleAfter(pane).Count());
        Assert.Empty(Periods.StaleAfter(pane with { IsFinal = false }));
        Assert.Empty(Periods.StaleAfter(pane with { Id = new(7, Period.Default, 0) }));
        Assert.Empty(LongerPeriods.None.StaleAfter(pane with { Id = new(7, LongerPeriods.None.Pane, 0) }));
    }

    [Theory]
    [InlineData("PT1M", "The period PT1M is not longer than PT1M; remove it.")]
    [InlineData("PT30S", "The period PT30S is not longer than PT1M; remove it.")]
    [InlineData("PT1H", "The period PT1H is repeated; remove it.")]
    [InlineData("PT90S/PT30S", "one begins at 1970-01-01T00:00:30Z, within a window of PT1M. Use a shorter period instead of PT1M")]
    [InlineData("P1D@Africa/Monrovia", "cannot be merged to windows of P1D@Africa/Monrovia: one begins at 1969-12-31T00:44:30Z")]
    public void Periods_that_panes_cannot_make_up_are_refused(string period, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => Of("PT1H", period)).Message, StringComparison.Ordinal);

    private static LongerPeriods Of(params string[] periods) => new(Pane, [.. periods.Select(WindowPeriod.Parse)]);
}
