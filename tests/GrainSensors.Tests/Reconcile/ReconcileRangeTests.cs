using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Reconcile;

namespace GrainSensors.Tests.Reconcile;

/// <summary>The time range of <c>reconcile</c>.</summary>
public sealed class ReconcileRangeTests
{
    private const long Now = 1_000_000 * EpochTime.MicrosPerSecond;
    private const long Hour = 3600 * EpochTime.MicrosPerSecond;

    [Fact]
    public void The_range_ends_now_and_lasts_24_hours_by_default()
    {
        Assert.Equal((Now - (24 * Hour), Now), ReconcileRange.Of(null, null, null, Now));
        Assert.Equal((Now - Hour, Now), ReconcileRange.Of(null, null, TimeSpan.FromHours(1), Now));
        Assert.Equal((Hour, Now), ReconcileRange.Of(Hour, null, null, Now));
        Assert.Equal((Hour, 2 * Hour), ReconcileRange.Of(Hour, 2 * Hour, null, Now));
    }

    [Theory]
    [InlineData(1L, null, true, "--last excludes")]
    [InlineData(null, 1L, true, "--last excludes")]
    [InlineData(null, 1L, false, "--to requires --from.")]
    [InlineData(2L, 1L, false, "--from must be before --to, ")]
    [InlineData(Now, null, false, "--from must be before now; got ")]
    public void Contradictions_are_refused(long? from, long? to, bool hasLast, string expected)
    {
        var error = Assert.Throws<UsageException>(() => ReconcileRange.Of(from, to, hasLast ? TimeSpan.FromHours(1) : null, Now));

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }
}
