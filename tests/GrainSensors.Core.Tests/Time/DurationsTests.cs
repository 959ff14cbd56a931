using GrainSensors.Core.Time;

namespace GrainSensors.Core.Tests.Time;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("15m", 900)]
    [InlineData("1.5h", 5_400)]
    [InlineData("24h", 86_400)]
    [InlineData("7d", 604_800)]
    [InlineData("0s", 0)]
    [InlineData("PT15M", 900)]
    [InlineData("P1DT1H", 90_000)]
    [InlineData("P1W", 604_800)]
    public void A_duration_is_a_number_with_a_unit_or_ISO_8601(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("15")]
    [InlineData("15 m")]
    [InlineData("-15m")]
    [InlineData("+15m")]
    [InlineData("1e3s")]
    [InlineData("15M")]
    [InlineData("1,5h")]
    [InlineData("NaNs")]
    [InlineData("Infinityd")]
    [InlineData("99999999999999d")]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("-PT15M")]
    [InlineData("00:15:00")]
    public void Everything_else_is_refused(string? text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData("P1M", true)]
    [InlineData("P1Y", true)]
    [InlineData("PT1M", false)]
    [InlineData("1m", false)]
    public void Months_and_years_have_no_fixed_length(string text, bool expected) =>
        Assert.Equal(expected, Durations.HasNoFixedLength(text));
}
