using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Hosting.Tests.Configuration;

public sealed class PeriodSettingsTests
{
    [Fact]
    public void Without_several_periods_readings_are_counted_in_the_only_one()
    {
        var periods = PeriodSettings.From(new() { Period = Period.Parse("PT5M"), Retention = TimeSpan.FromDays(3) });
        Assert.Equal(("PT5M", "PT5M", true), (periods.Contract.ToString(), periods.Pane.ToString(), periods.Longer.IsEmpty));
        Assert.Equal(TimeSpan.FromDays(3), periods.Oldest);
    }

    [Fact]
    public void Readings_are_counted_in_the_shortest_period_and_the_contract_keeps_its_own()
    {
        var periods = Of("P1D@Europe/Madrid", "PT15M", "PT1M", "PT1H/PT5M");
        Assert.Equal(("PT15M", "PT1M"), (periods.Contract.ToString(), periods.Pane.ToString()));
        Assert.Equal(["P1D@Europe/Madrid", "PT15M", "PT1H/PT5M"], periods.Longer.All.Select(longer => longer.Period.ToString()));
    }

    [Theory]
    [InlineData("PT1M", 10, "PT15M", 400, 10 - (1 / 96.0))]
    [InlineData("PT1M", 400, "PT15M", 30, 400 - (1 / 96.0))]
    [InlineData("PT15M", 40, "P1M@Europe/Madrid", 400, 9)]
    public void A_reading_is_too_old_if_panes_of_its_longer_window_may_be_gone(
        string pane, int paneDays, string longer, int longerDays, double oldest) =>
        Assert.Equal(TimeSpan.FromDays(oldest), Of((pane, paneDays), (longer, longerDays), ("PT15M", 400)).Oldest);

    [Theory]
    [InlineData("PT1M", "The Period PT15M is not one of the Periods PT1M; add it, or set Period to one of them")]
    [InlineData("PT15M,PT15M", "The period PT15M is not longer than PT15M; remove it.")]
    [InlineData("PT15M,PT1H,PT60M", "The period PT1H is repeated; remove it.")]
    [InlineData("PT15M,PT20M", "Windows of PT15M cannot be merged to windows of PT20M")]
    [InlineData("PT15M,P1M", "GrainSensors:Periods:1: The period \"P1M\" has months or years")]
    [InlineData("PT15M,", "GrainSensors:Periods:1: ")]
    [InlineData("PT15M,P1D@Europe/Madird", "GrainSensors:Periods:1: The time zone \"Europe/Madird\"")]
    [InlineData("PT15M,P1Y@Europe/Madrid", "add a period between them, such as P1D@Europe/Madrid.")]
    public void Periods_that_do_not_go_together_are_refused(string periods, string reason)
    {
        var refusal = Assert.ThrowsAny<Exception>(() => Of(periods.Split(',')));
        Assert.True(refusal is ArgumentException or FormatException, $"{refusal}");
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Panes_are_kept_for_longer_than_the_windows_that_are_merged_from_them_last()
    {
        var refusal = Assert.Throws<ArgumentException>(() => Of(("PT15M", 31), ("P1M@Europe/Madrid", 400)));
        Assert.Equal(
            "Windows of P1M@Europe/Madrid are merged from those of PT15M, which are kept for 31 days only; set their "
            + "Retention to 32d or longer.",
            refusal.Message);
    }

    [Fact]
    public void Windows_are_merged_from_the_shortest_ones_that_are_kept()
    {
        var periods = Of(("PT1M", 7), ("PT15M", 400), ("P1D", 4000));
        const long day = 86_400 * EpochTime.MicrosPerSecond;
        const long now = 20_000 * day;
        Assert.Equal(("PT1M", long.MaxValue), SourceAt(now - (6 * day)));
        Assert.Equal(("PT15M", now - (7 * day)), SourceAt(now - (8 * day)));
        Assert.Equal(("P1D", now - (400 * day)), SourceAt(now - (500 * day)));
        Assert.Equal("P1D", SourceAt(now - (5000 * day)).Period);

        (string Period, long Until) SourceAt(long at) =>
            periods.SourceAt(_ => true, at, now) is var (period, until) ? (period.ToString(), until) : default;
    }

    private static PeriodSettings Of(params string[] periods) =>
        PeriodSettings.From(new() { Periods = [.. periods.Select(period => new PeriodOptions { Period = period })] });

    private static PeriodSettings Of(params (string Period, int Days)[] periods) => PeriodSettings.From(new()
    {
        Periods = [.. periods.DistinctBy(given => given.Period)
            .Select(given => new PeriodOptions { Period = given.Period, Retention = TimeSpan.FromDays(given.Days) })],
    });
}
