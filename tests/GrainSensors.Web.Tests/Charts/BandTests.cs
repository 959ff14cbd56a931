using GrainSensors.Web.Charts;

namespace GrainSensors.Web.Tests.Charts;

/// <summary>Windows as lines and bands.</summary>
public sealed class BandTests
{
    private static readonly Scale Identity = new(0, 100, 0, 100);

    [Fact]
    public void Windows_that_follow_each_other_share_a_line_and_a_gap_ends_it()
    {
        ChartPoint[] points = [Window(0, 10), Window(10, 20), Window(40, 50)];

        var bands = Band.Of(points, Identity, Identity).ToList();

        Assert.Equal(["M5 50L15 50", "M45 50h0"], bands.Select(band => band.Mean));
        Assert.Equal("M0 60L10 60L10 60L20 60L20 40L10 40L10 40L0 40Z", bands[0].Area);
        Assert.Equal("M40 60L50 60L50 40L40 40Z", bands[1].Area);
    }

    [Fact]
    public void No_windows_are_no_band() => Assert.Empty(Band.Of([], Identity, Identity));

    [Fact]
    public void Points_are_divided_where_one_does_not_follow_the_other()
    {
        int[] points = [1, 2, 4, 7, 8, 9];

        Assert.Equal([0..2, 2..3, 3..6], Runs.Of(points, (before, point) => point == before + 1));
    }

    private static ChartPoint Window(long start, long end) => new(start, end, Count: 1, Mean: 50, Min: 40, Max: 60, IsFinal: true);
}
