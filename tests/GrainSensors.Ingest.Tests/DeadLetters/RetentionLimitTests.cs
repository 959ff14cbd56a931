using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Ingest.Tests.DeadLetters;

/// <summary>A reading whose window the store would remove is refused rather than lost.</summary>
public sealed class RetentionLimitTests
{
    private const long Hour = 3600 * EpochTime.MicrosPerSecond;
    private static readonly long Now = Period.FromSeconds(86_400).StartOf(1_790_000_000 * EpochTime.MicrosPerSecond);

    [Theory]
    [InlineData(-45.75, false)]
    [InlineData(-46, false)] // the window from 46 to 45¾ hours ago ends 2 h this side of the retention
    [InlineData(-46.25, true)] // its window ends just there
    [InlineData(-100, true)]
    [InlineData(1, false)]
    public void It_is_the_end_of_the_window_that_counts(double hours, bool expected)
    {
        var limit = new RetentionLimit(Period.Default, TimeSpan.FromHours(48));

        Assert.Equal(expected, limit.IsExpired(Now + (long)(hours * Hour), Now));
    }

    [Fact]
    public void A_long_window_is_kept_until_all_of_it_is_past_retention() =>
        Assert.False(new RetentionLimit(Period.FromSeconds(7 * 86_400), TimeSpan.FromDays(2)).IsExpired(Now - (60 * Hour), Now));

    [Fact]
    public void Without_a_retention_nothing_expires() =>
        Assert.False(new RetentionLimit(Period.Default, Timeout.InfiniteTimeSpan).IsExpired(EpochTime.Min, Now));
}
