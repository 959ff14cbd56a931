using CsCheck;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Windows;

public sealed class WindowPeriodTests
{
    [Theory]
    [InlineData("PT15M", "PT15M")]
    [InlineData("15m", "PT15M")]
    [InlineData("PT1H/PT5M", "PT1H/PT5M")]
    [InlineData("PT60M/PT300S", "PT1H/PT5M")]
    [InlineData("1h/5m", "PT1H/PT5M")]
    [InlineData("PT1H/PT1H", "PT1H")]
    [InlineData("P1D@Europe/Madrid", "P1D@Europe/Madrid")]
    [InlineData("P1W@Europe/Paris", "P1W@Europe/Paris")]
    [InlineData("P7D@Europe/Madrid", "P1W@Europe/Madrid")]
    [InlineData("P12M@UTC", "P1Y@UTC")]
    [InlineData("P3M@America/Argentina/Buenos_Aires", "P3M@America/Argentina/Buenos_Aires")]
    public void A_period_has_one_canonical_form(string text, string canonical)
    {
        var period = WindowPeriod.Parse(text);
        Assert.Equal(canonical, period.ToString());
        Assert.Equal(WindowPeriod.Parse(canonical), period);
        Assert.Equal(WindowPeriod.Parse(canonical).GetHashCode(), period.GetHashCode());
    }

    [Fact]
    public void Days_of_different_zones_are_different_periods() =>
        Assert.NotEqual(WindowPeriod.Parse("P1D@UTC"), WindowPeriod.Parse("P1D"));

    [Theory]
    [InlineData("", "\"\" is not a period")]
    [InlineData("PT1H/PT7M", "The hop of the period \"PT1H/PT7M\" must divide its size; PT7M does not divide PT1H.")]
    [InlineData("PT5M/PT1H", "must divide its size")]
    [InlineData("PT1H/", "\"\" is not a period")]
    [InlineData("PT1H/PT5M/PT1M", "\"PT5M/PT1M\" is not a period")]
    [InlineData("P1D/PT1S", "into 86400 windows, more than 1440; use a longer hop")]
    [InlineData("P1M", "\"P1M\" has months or years, which have no fixed length; name a time zone, such as P1M@Europe/Madrid")]
    [InlineData("PT1H@Europe/Madrid", "\"PT1H@Europe/Madrid\" has a time zone, which needs a unit of the calendar; use P1D, P1W,")]
    [InlineData("P2D@Europe/Madrid", "needs a unit of the calendar")]
    [InlineData("P1W/P1D@Europe/Madrid", "has a hop and a time zone; use only one of them")]
    [InlineData("P1D@Europe/Madird", "The time zone \"Europe/Madird\" of the period \"P1D@Europe/Madird\" is unknown")]
    [InlineData("P1D@", "The time zone \"\" of the period \"P1D@\" is unknown")]
    public void A_text_that_is_not_a_period_is_refused_with_the_reason(string text, string reason)
    {
        Assert.Null(WindowPeriod.TryParse(text, out var error));
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Equal(error, Assert.Throws<FormatException>(() => WindowPeriod.Parse(text)).Message);
    }

    /// <summary>The setting of windows that are accumulated from readings.</summary>
    [Theory]
    [InlineData("PT1H/PT5M")]
    [InlineData("P1D@Europe/Madrid")]
    public void A_plain_period_has_neither_hop_nor_zone(string text) => Assert.False(Period.TryParse(text, out _, out _));

    [Theory]
    [InlineData("P1D@Europe/Madrid", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", 23)] // clocks are set forward
    [InlineData("P1D@Europe/Madrid", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", 25)] // and back
    [InlineData("P1D@Europe/Madrid", "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z", 25)]
    [InlineData("P1D@Europe/Madrid", "2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z", 24)]
    [InlineData("P1W@Europe/Madrid", "2026-03-29T12:00:00Z", "2026-03-22T23:00:00Z", (7 * 24) - 1)]
    [InlineData("P1M@Europe/Madrid", "2026-10-31T12:00:00Z", "2026-09-30T22:00:00Z", (31 * 24) + 1)]
    [InlineData("P3M@Europe/Madrid", "2026-12-31T22:59:59Z", "2026-09-30T22:00:00Z", (92 * 24) + 1)]
    [InlineData("P1Y@Europe/Madrid", "2024-02-29T00:00:00Z", "2023-12-31T23:00:00Z", 366 * 24)]
    [InlineData("P1D@America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", 23)] // 00:00 is skipped
    [InlineData("P1D@Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-29T10:00:00Z", 24)] // and here the whole next day
    [InlineData("P1D@America/St_Johns", "2006-10-29T02:30:30Z", "2006-10-29T02:30:00Z", 25)] // 00:00 comes twice
    [InlineData("P1D@America/St_Johns", "2006-10-29T02:35:00Z", "2006-10-29T02:30:00Z", 25)] // 23:06 of the day before
    public void Days_and_longer_units_follow_the_clocks_of_their_zone(string text, string moment, string start, int hours)
    {
        Assert.True(EpochTime.TryParse(moment, out var t));
        var period = WindowPeriod.Parse(text);
        var found = Assert.Single(period.StartsOver(t));
        Assert.Equal(start, EpochTime.ToIso8601(found));
        Assert.Equal(hours, (period.EndOf(found) - found) / (3_600 * EpochTime.MicrosPerSecond));
    }

    private static readonly Gen<WindowPeriod> AnyPeriod = Gen.OneOf(
        Gen.OneOf("PT15M", "P7D", "PT1H/PT5M", "P1D/PT15M").Select(WindowPeriod.Parse),
        Gen.Select(
            Gen.OneOf("P1D", "P1W", "P1M", "P3M", "P1Y"),
            Gen.OneOf("Europe/Madrid", "America/Sao_Paulo", "Pacific/Apia", "America/St_Johns", "Africa/Cairo", "Asia/Kathmandu"),
            (unit, zone) => WindowPeriod.Parse($"{unit}@{zone}")));

    [Fact]
    public void A_moment_is_in_the_windows_over_it_and_in_no_other() =>
        Gen.Select(AnyPeriod, Gen.Long[0, 2_000_000_000 * EpochTime.MicrosPerSecond]).Sample(
            (period, t) =>
            {
                var starts = period.StartsOver(t).ToList();
                var (first, last) = (starts[0], starts[^1]);
                return starts.TrueForAll(start => start <= t && t < period.EndOf(start) && period.StartsOver(start).Last() == start)
                    && !period.StartsOver(first - 1).Contains(last)
                    && period.StartsOver(period.EndOf(first)).All(start => start > first)
                    && starts.Count == starts.Distinct().Count();
            },
            iter: 20_000);

    [Fact]
    public void The_first_start_from_a_moment_on_has_none_before_it() =>
        Gen.Select(AnyPeriod, Gen.Long[0, 2_000_000_000 * EpochTime.MicrosPerSecond]).Sample(
            (period, t) =>
            {
                var first = period.FirstAt(t);
                return first >= t && period.StartsOver(first).Last() == first && period.StartsOver(first - 1).Last() < t
                    && period.FirstAt(first) == first;
            },
            iter: 20_000);

    /// <summary>As far as times go: no calendar has a year 10000.</summary>
    [Fact]
    public void Units_of_the_calendar_follow_each_other_through_all_of_time() =>
        Gen.Select(
            AnyPeriod.Where(period => period.Calendar is not null),
            Gen.OneOf(
                Gen.Long[EpochTime.Min, EpochTime.Max - 1], Gen.Long[EpochTime.Max - 40_000_000_000_000, EpochTime.Max - 1],
                Gen.Long[EpochTime.Min, EpochTime.Min + 40_000_000_000_000])).Sample(
            (period, t) =>
            {
                var start = period.StartsOver(t).Single();
                var end = period.EndOf(start);
                return start >= EpochTime.Min && start <= t && t < end && end <= EpochTime.Max
                    && period.StartsOver(end - 1).Single() == start
                    && (end == EpochTime.Max || period.StartsOver(end).Single() == end);
            },
            iter: 20_000);

    [Fact]
    public void A_boundary_within_a_pane_is_found_as_if_each_was_tried() =>
        Gen.Select(
            Gen.OneOf("P1D", "P1W", "P1M"),
            Gen.OneOf("Europe/Madrid", "America/Sao_Paulo", "Africa/Monrovia", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Singapore"),
            Gen.OneOf("PT15M", "PT30M", "PT1H", "PT2H", "PT6H", "P1D", "PT7M"),
            Gen.Int[0, 50], Gen.Int[1, 8]).Sample(
            (unit, zone, size, year, years) =>
            {
                var (period, pane) = (WindowPeriod.Parse($"{unit}@{zone}"), Period.Parse(size));
                var from = EpochTime.From(new DateTimeOffset(1970 + year, 6, 1, 0, 0, 0, default));
                var to = EpochTime.From(new DateTimeOffset(1970 + year + years, 6, 1, 0, 0, 0, default));
                var isWhole = true;
                for (var start = period.StartsOver(from).Single(); start < to; start = period.EndOf(start))
                {
                    isWhole &= pane.StartOf(start) == start;
                }

                return period.FindBoundaryWithin(pane, from, to) is var found && isWhole == found is null
                    && (found is null || (pane.StartOf(found.Value) != found && period.StartsOver(found.Value).Single() == found));
            },
            iter: 500);

    [Fact]
    public void A_period_is_plain_or_hops_or_follows_a_calendar()
    {
        Assert.Equal(Period.Parse("PT1H"), WindowPeriod.Parse("PT1H/PT1H").Plain);
        var hopping = WindowPeriod.Parse("PT1H/PT5M");
        Assert.Equal((null, Period.Parse("PT5M"), null), (hopping.Plain, hopping.Hop, hopping.Calendar));
        var local = WindowPeriod.Parse("P7D@Europe/Madrid");
        Assert.Equal((null, ("P1W", "Europe/Madrid")), (local.Plain, local.Calendar));
    }

    [Theory]
    [InlineData("PT1H", "PT15M", true)]
    [InlineData("PT1H/PT5M", "PT1M", true)]
    [InlineData("PT1H/PT5M", "PT15M", false)]
    [InlineData("P7D", "P1D", true)]
    [InlineData("P1D@Europe/Madrid", "PT1H", true)]
    [InlineData("P1D@Europe/Madrid", "PT2H", false)]
    [InlineData("P1M@Asia/Kathmandu", "PT15M", true)]
    [InlineData("P1D@Asia/Kathmandu", "PT1H", false)]
    [InlineData("P1D@America/St_Johns", "PT15M", true)]
    [InlineData("P1D@Australia/Lord_Howe", "PT30M", true)]
    [InlineData("P1M@UTC", "P1D", true)]
    [InlineData("P1W@UTC", "P7D", false)]
    public void A_pane_divides_every_boundary_of_the_windows_or_one_is_found(string text, string pane, bool divides)
    {
        var boundary = WindowPeriod.Parse(text).FindBoundaryWithin(Period.Parse(pane));
        Assert.Equal(divides, boundary is null);
        Assert.True(boundary is null || Period.Parse(pane).StartOf(boundary.Value) < boundary);
    }
}
