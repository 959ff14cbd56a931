using CsCheck;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Core.Tests.Windows;

public sealed class PeriodTests
{
    private static readonly Gen<Period> AnyPeriod = Gen.OneOf(
        Gen.Long[1, Period.MaxSeconds].Select(Period.FromSeconds),
        Gen.OneOf(1L, 7, 60, 900, 3600, 86_400, 604_800, Period.MaxSeconds).Select(Period.FromSeconds));

    [Fact]
    public void A_moment_lies_in_exactly_one_window_and_windows_are_aligned_to_the_epoch() =>
        Gen.Select(AnyPeriod, Gen.Long[EpochTime.Min, EpochTime.Max]).Sample((period, t) =>
        {
            var start = period.StartOf(t);
            return start <= t && t < start + period.TotalMicros && start % period.TotalMicros == 0;
        });

    [Fact]
    public void All_moments_of_a_window_have_its_start() =>
        Gen.Select(AnyPeriod, Gen.Long[-1000, 1000]).Sample((period, n) =>
        {
            var start = n * period.TotalMicros;
            return period.StartOf(start) == start
                && period.StartOf(start + period.TotalMicros - 1) == start
                && period.StartOf(start - 1) == start - period.TotalMicros;
        });

    [Theory]
    [InlineData(0, 0)]
    [InlineData(899_999_999, 0)]
    [InlineData(900_000_000, 900_000_000)]
    [InlineData(-1, -900_000_000)]
    [InlineData(-900_000_000, -900_000_000)]
    [InlineData(-900_000_001, -1_800_000_000)]
    public void Windows_are_half_open_before_the_epoch_too(long t, long start) => Assert.Equal(start, Period.Default.StartOf(t));

    [Theory]
    [InlineData("2026-03-29T03:00:00+02:00", "2026-03-29T01:00:00Z")] // clocks are set forward in Berlin
    [InlineData("2026-10-25T02:30:00+02:00", "2026-10-25T00:00:00Z")] // and back: 02:30 comes twice
    [InlineData("2026-10-25T02:30:00+01:00", "2026-10-25T01:00:00Z")]
    public void Windows_know_no_summer_time(string moment, string start)
    {
        var hours = Period.Parse("PT1H");
        var t = EpochTime.From(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(start, EpochTime.ToIso8601(hours.StartOf(t)));
    }

    [Theory]
    [InlineData("PT1S", 1, "PT1S")]
    [InlineData("PT60S", 60, "PT1M")]
    [InlineData("PT900S", 900, "PT15M")]
    [InlineData("PT15M", 900, "PT15M")]
    [InlineData("PT0H15M", 900, "PT15M")]
    [InlineData("P0DT15M", 900, "PT15M")]
    [InlineData("PT90M", 5400, "PT1H30M")]
    [InlineData("PT24H", 86_400, "P1D")]
    [InlineData("P1D", 86_400, "P1D")]
    [InlineData("P1W", 604_800, "P7D")]
    [InlineData("P1W1DT1H1M1S", 694_861, "P8DT1H1M1S")]
    [InlineData("P3660D", 316_224_000, "P3660D")]
    [InlineData("PT316224000S", 316_224_000, "P3660D")]
    public void A_length_has_one_canonical_form(string text, long seconds, string canonical)
    {
        var period = Period.Parse(text);
        Assert.Equal(seconds, period.TotalSeconds);
        Assert.Equal(canonical, period.ToString());
    }

    [Fact]
    public void The_canonical_form_reads_back() => AnyPeriod.Sample(period => Period.Parse(period.ToString()) == period);

    [Theory]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("P0M")]
    [InlineData("P1Y2M3DT4H5M6S")]
    [InlineData("P1MT1M")]
    [InlineData("P999999999999Y")]
    public void Months_and_years_have_no_fixed_length(string text) => AssertRefused(
        text,
        $"The period \"{text}\" has months or years, which have no fixed length; use weeks, days, hours, minutes or seconds, "
        + "such as P30D.");

    [Theory]
    [InlineData("PT0S")]
    [InlineData("P0D")]
    [InlineData("P0W")]
    [InlineData("PT0H0M0S")]
    public void A_period_lasts_a_second_at_least(string text) =>
        AssertRefused(text, $"The period \"{text}\" is shorter than one second; use PT1S or longer.");

    [Theory]
    [InlineData("P3661D")]
    [InlineData("P3660DT1S")]
    [InlineData("P523W")]
    [InlineData("PT316224001S")]
    [InlineData("P999999999999W")]
    [InlineData("P999999999999W999999999999DT999999999999H999999999999M999999999999S")]
    public void A_period_lasts_3660_days_at_most(string text) =>
        AssertRefused(text, $"The period \"{text}\" is longer than 3660 days; use a shorter one.");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1")]
    [InlineData("PT1")]
    [InlineData("1D")]
    [InlineData("15")]
    [InlineData("15M")]
    [InlineData("00:15:00")]
    [InlineData("pt15m")]
    [InlineData("PT15m")]
    [InlineData("Pt15M")]
    [InlineData("P15m")]
    [InlineData("PT0.5S")]
    [InlineData("PT1,5H")]
    [InlineData("PT1.0S")]
    [InlineData("-PT15M")]
    [InlineData("+PT15M")]
    [InlineData("PT-15M")]
    [InlineData("P1DT")]
    [InlineData("PT1HT1M")]
    [InlineData("PTT1M")]
    [InlineData("PT1M1H")]
    [InlineData("PT1M1M")]
    [InlineData("P1D1W")]
    [InlineData("P1H")]
    [InlineData("PT1D")]
    [InlineData("PT1W")]
    [InlineData("PDT1M")]
    [InlineData("PTM")]
    [InlineData(" PT15M")]
    [InlineData("PT15M ")]
    [InlineData("PT15M\n")]
    [InlineData("PT 15M")]
    [InlineData("PT15Mx")]
    [InlineData("PT15X")]
    [InlineData("PT١٥M")]
    [InlineData("PT9999999999999S")]
    [InlineData("P99999999999999999999999999D")]
    public void Everything_else_is_no_period(string text) =>
        AssertRefused(
            text, $"\"{text}\" is not a period; use a whole number of seconds, minutes, hours or days, such as 15m, PT15M or P1D.");

    [Theory]
    [InlineData("15m", 900)]
    [InlineData("0.5h", 1800)]
    [InlineData("1d", 86_400)]
    public void A_short_form_is_a_period_too(string text, long seconds) => Assert.Equal(seconds, Period.Parse(text).TotalSeconds);

    [Fact]
    public void A_part_of_a_second_is_refused() =>
        AssertRefused("1.5s", "The period \"1.5s\" is not a whole number of seconds; use one such as 1s or 15m.");

    [Fact]
    public void No_text_is_no_period() => Assert.False(Period.TryParse(null, out _, out _));

    [Fact]
    public void Whatever_the_text_parsing_answers() =>
        Gen.OneOf(Gen.String, Gen.Char["PTWDHMSY0123456789"].Array[0, 20].Select(c => "P" + new string(c)))
            .Sample(text => Period.TryParse(text, out var period, out var error)
                ? Period.Parse(period.ToString()) == period
                : error.Length > 0);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Period.MaxSeconds + 1)]
    public void Seconds_out_of_range_are_refused(long seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Period.FromSeconds(seconds));

    [Fact]
    public void Micros_are_whole_seconds()
    {
        Assert.Equal("PT15M", Period.FromMicros(900_000_000).ToString());
        Assert.Throws<ArgumentException>(() => Period.FromMicros(900_000_001));
        Assert.Throws<ArgumentOutOfRangeException>(() => Period.FromMicros(0));
    }

    [Fact]
    public void The_default_value_is_the_default_period()
    {
        Assert.Equal("PT15M", default(Period).ToString());
        Assert.True(default == Period.Parse("PT900S"));
        Assert.Equal(default(Period).GetHashCode(), Period.Parse("PT900S").GetHashCode());
    }

    [Fact]
    public void Periods_are_ordered_by_length()
    {
        var (minute, hour) = (Period.Parse("PT1M"), Period.Parse("PT1H"));
        Assert.True(minute < hour && hour > minute && minute <= hour && hour >= minute && minute != hour);
        Assert.True(minute < default(Period) && default(Period) < hour);
    }

    private static void AssertRefused(string text, string sentence)
    {
        Assert.False(Period.TryParse(text, out _, out var error));
        Assert.Equal(sentence, error);
        Assert.Equal(sentence, Assert.Throws<FormatException>(() => Period.Parse(text)).Message);
    }
}
