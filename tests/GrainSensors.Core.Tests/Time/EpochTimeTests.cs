using CsCheck;
using GrainSensors.Core.Time;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Core.Tests.Time;

public sealed class EpochTimeTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(10, 1)]
    [InlineData(19, 1)]
    [InlineData(-1, -1)]
    [InlineData(-10, -1)]
    [InlineData(-11, -2)]
    public void Parts_of_a_microsecond_are_cut_downwards(long ticks, long micros)
    {
        Assert.Equal(micros, EpochTime.From(DateTimeOffset.UnixEpoch.AddTicks(ticks)));
        Assert.Equal(micros, EpochTime.From(TimeSpan.FromTicks(ticks)));
    }

    [Fact]
    public void The_offset_of_a_zone_does_not_matter() =>
        Gen.Select(
            Gen.Long[EpochTime.Min + 100_000_000_000, EpochTime.Max - 100_000_000_000],
            Gen.Int[-14 * 60, 14 * 60]).Sample((micros, minutes) =>
            EpochTime.From(new DateTimeOffset(EpochTime.ToDateTime(micros)).ToOffset(TimeSpan.FromMinutes(minutes))) == micros);

    [Fact]
    public void Moments_are_utc()
    {
        var moment = EpochTime.ToDateTime(1_732_400_000_123_456);
        Assert.Equal(DateTimeKind.Utc, moment.Kind);
        Assert.Equal(new DateTime(2024, 11, 23, 22, 13, 20, DateTimeKind.Utc).AddTicks(1_234_560), moment);
    }

    [Fact]
    public void The_first_and_the_last_moment_have_names()
    {
        Assert.Equal(DateTime.MinValue, EpochTime.ToDateTime(EpochTime.Min));
        Assert.Equal("0001-01-01T00:00:00Z", EpochTime.ToIso8601(EpochTime.Min));
        Assert.Equal("9999-12-31T23:59:59.999999Z", EpochTime.ToIso8601(EpochTime.Max - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => EpochTime.ToDateTime(EpochTime.Min - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => EpochTime.ToDateTime(EpochTime.Max));
    }

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00Z")]
    [InlineData(-1, "1969-12-31T23:59:59.999999Z")]
    [InlineData(1_732_400_000_000_000, "2024-11-23T22:13:20Z")]
    [InlineData(1_732_400_000_500_000, "2024-11-23T22:13:20.500000Z")]
    public void Text_has_a_fraction_only_where_there_is_one(long micros, string text) => Assert.Equal(text, EpochTime.ToIso8601(micros));

    [Fact]
    public void Spans_come_back() =>
        Gen.Long[-1_000_000_000_000, 1_000_000_000_000].Sample(micros => EpochTime.From(EpochTime.ToTimeSpan(micros)) == micros);

    [Fact]
    public void Now_is_the_given_clock()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(5));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(5_001_000, EpochTime.Now(clock));
    }
}
