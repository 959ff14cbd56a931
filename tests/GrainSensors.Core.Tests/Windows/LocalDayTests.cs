using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Windows;

public sealed class LocalDayTests
{
    [Theory]
    [InlineData("2026-11-24", "UTC", "2026-11-24T00:00:00Z", 24)]
    [InlineData("2026-11-24", "Europe/Madrid", "2026-11-23T23:00:00Z", 24)]
    [InlineData("2026-03-29", "Europe/Madrid", "2026-03-28T23:00:00Z", 23)]
    [InlineData("2026-10-25", "Europe/Madrid", "2026-10-24T22:00:00Z", 25)]
    [InlineData("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z", 23)] // 00:00 is skipped
    [InlineData("2026-11-24", "Asia/Kathmandu", "2026-11-23T18:15:00Z", 24)]
    public void A_day_begins_and_ends_as_clocks_show_it(string date, string zone, string from, int hours)
    {
        var day = LocalDay.Of(DateOnly.Parse(date, null), zone);

        Assert.Equal(from, EpochTime.ToIso8601(day.From));
        Assert.Equal(hours, (day.To - day.From) / (3600 * EpochTime.MicrosPerSecond));
        Assert.Equal(WindowPeriod.Parse($"P1D@{zone}").StartsOver(day.From).Single(), day.From);
        Assert.Equal((day.Date, day.Date), (LocalDay.DateAt(day.From, zone), LocalDay.DateAt(day.To - 1, zone)));
        Assert.Equal(day.Date.AddDays(1), LocalDay.DateAt(day.To, zone));
        Assert.Equal((day.From, day.To), (day.AtHour(0), day.AtHour(24)));
        Assert.Equal(15, day.ClockAt(day.AtHour(15)).Hour);
    }

    [Fact]
    public void An_hour_that_clocks_show_twice_is_one_hour()
    {
        var day = LocalDay.Of(new(2026, 10, 25), "Europe/Madrid");
        var hours = Enumerable.Range(0, 25).Select(i => day.ClockAt(day.From + (i * 3600 * EpochTime.MicrosPerSecond)).Hour);

        Assert.Equal([0, 1, 2, 2, .. Enumerable.Range(3, 21)], hours);
    }

    [Fact]
    public void The_end_of_the_day_before_that_clocks_show_once_more_is_the_first_hour()
    {
        // Clocks were set back from 00:01 to 23:01.
        var day = LocalDay.Of(new(2006, 10, 29), "America/St_Johns");
        var quarters = Enumerable.Range(0, 8).Select(i => day.HourAt(day.From + (i * 900 * EpochTime.MicrosPerSecond)));

        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0], quarters);
        Assert.True(day.HasWhole(Period.Parse("PT15M")));
        Assert.False(day.HasWhole(Period.Parse("PT1H")));
    }

    [Theory]
    [InlineData("Europe/Madird", "The time zone \"Europe/Madird\" is unknown; use a name such as Europe/Madrid.")]
    [InlineData("Pacific/Apia", "The time zone Pacific/Apia has no 2011-12-30.")]
    public void A_zone_that_is_unknown_or_skips_the_day_is_refused(string zone, string reason) =>
        Assert.Equal(reason, Assert.Throws<FormatException>(() => LocalDay.Of(new(2011, 12, 30), zone)).Message);
}
