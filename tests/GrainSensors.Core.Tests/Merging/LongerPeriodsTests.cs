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
        var over = Periods.Over(new WindowId(7, Pane, 60 * Minute))
            .Select(window => (window.Period.ToString(), window.Start / Minute)).ToList();
        Assert.Equal([("PT3M/PT1M", 58), ("PT3M/PT1M", 59), ("PT3M/PT1M", 60), ("PT1H", 60)], over);
    }

    [Fact]
    public void A_window_of_another_period_is_in_none()
    {
        Assert.Empty(Periods.Over(new WindowId(7, Period.Default, 0)));
        Assert.Empty(LongerPeriods.None.Over(new WindowId(7, LongerPeriods.None.Pane, 0)));
    }

    [Theory]
    [InlineData("P1M@Europe/Madrid", "P1D@Europe/Madrid")]
    [InlineData("P3M@Europe/Madrid", "P1M@Europe/Madrid")]
    [InlineData("P1W@Europe/Madrid", "P1D@Europe/Madrid")]
    [InlineData("P1D@Europe/Madrid", "PT1H")]
    [InlineData("P1D@Asia/Kathmandu", "PT15M")]
    [InlineData("P1D", "PT1H")]
    [InlineData("PT1H", "PT20M")]
    [InlineData("PT1H/PT15M", "PT15M")]
    [InlineData("PT15M", "PT1M")]
    [InlineData("PT20M", "PT1M")]
    [InlineData("PT1H/PT5M", "PT1M")]
    public void A_period_is_merged_from_the_longest_one_that_it_consists_of(string period, string source)
    {
        var periods = Of(
            "PT15M", "PT20M", "PT1H/PT5M", "PT1H/PT15M", "PT1H", "P1D", "P1D@Asia/Kathmandu", "P1D@Europe/Madrid", "P1W@Europe/Madrid",
            "P1M@Europe/Madrid", "P3M@Europe/Madrid");
        var found = periods.All.Single(longer => longer.Period.ToString() == period);
        Assert.Equal(source, found.Source.ToString());
        Assert.Equal(source != "PT1M", found.IsChained);
    }

    [Fact]
    public void All_longer_windows_over_a_pane_are_found_once()
    {
        var over = Of("PT15M", "P1D@Europe/Madrid", "P1M@Europe/Madrid", "PT1H/PT30M").AllOver(new(7, Pane, 100 * 60 * Minute)).ToList();
        Assert.Equal(5, over.Count);
        Assert.Equal(over.Count, over.Distinct().Count());
    }

    [Fact]
    public void Years_are_not_merged_from_minutes()
    {
        var refusal = Assert.Throws<ArgumentException>(() => Of("P1Y@Europe/Madrid"));
        Assert.Equal(
            "A window of P1Y@Europe/Madrid would be merged from 527040 windows of PT1M, more than 3000; add a period between them, such "
            + "as P1D@Europe/Madrid.",
            refusal.Message);
        Assert.All(["P7D", "P14D/P7D"], period =>
            Assert.EndsWith("such as PT1H.", Assert.Throws<ArgumentException>(() => Of(period)).Message, StringComparison.Ordinal));
        Assert.EndsWith(
            "such as PT1H.",
            Assert.Throws<ArgumentException>(() => new LongerPeriods(Period.FromSeconds(20), [WindowPeriod.Parse("P1D@Europe/Madrid")]))
                .Message,
            StringComparison.Ordinal);
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
