using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Web.Charts;

namespace GrainSensors.Web.Tests.Charts;

/// <summary>Axes of charts.</summary>
public sealed class ScaleTests
{
    [Theory]
    [InlineData(18.2, 22.9, "18 20 22 24")]
    [InlineData(-0.02, 6.81, "-2 0 2 4 6 8")]
    [InlineData(0, 100, "0 50 100")]
    [InlineData(0, 0, "0 0.5")]
    [InlineData(21, 21, "21 21.1")]
    public void An_axis_begins_and_ends_at_round_numbers_around_the_values(double min, double max, string ticks)
    {
        var scale = Scale.Around(min, max, 100, 0);

        Assert.Equal(ticks, string.Join(' ', scale.Ticks().Select(tick => tick.ToString("0.####", CultureInfo.InvariantCulture))));
        Assert.True(scale.Low <= min && scale.High >= max);
        Assert.Equal(100, scale.At(scale.Low));
        Assert.Equal(0, scale.At(scale.High));
    }

    [Fact]
    public void A_value_is_placed_by_its_distance_from_the_ends()
    {
        Assert.Equal(30, new Scale(0, 10, 0, 100).At(3));
        Assert.Equal(70, new Scale(0, 10, 100, 0).At(3));
        Assert.Equal(50, new Scale(5, 5, 0, 100).At(5));
    }

    [Theory]
    [InlineData(24 * 3600, 9, "00:00", "15:00")]
    [InlineData(60, 7, "00:00:00", "00:00:50")]
    [InlineData(7 * 24 * 3600, 8, "2026-11-22", "2026-11-27")]
    public void Times_below_a_chart_are_round_and_few(int seconds, int count, string first, string sixth)
    {
        const long Start = 1_795_305_600L * EpochTime.MicrosPerSecond;

        var ticks = TimeAxis.Ticks(Start, Start + (seconds * EpochTime.MicrosPerSecond)).ToList();

        Assert.Equal(count, ticks.Count);
        Assert.Equal((Start, first), ticks[0]);
        Assert.Equal(sixth, ticks[5].Text);
    }
}
