using GrainSensors.Core.Time;

namespace GrainSensors.Core.Tests.Time;

public sealed class EpochTimeParsingTests
{
    [Theory]
    [InlineData("2026-11-24", "2026-11-24T00:00:00Z")]
    [InlineData("2026-11-24T10:15", "2026-11-24T10:15:00Z")]
    [InlineData("2026-11-24T10:15Z", "2026-11-24T10:15:00Z")]
    [InlineData("2026-11-24T10:15:30", "2026-11-24T10:15:30Z")]
    [InlineData("2026-11-24 10:15:30", "2026-11-24T10:15:30Z")]
    [InlineData("2026-11-24T11:15:30+01:00", "2026-11-24T10:15:30Z")]
    [InlineData("2026-11-24T10:15:30.25Z", "2026-11-24T10:15:30.250000Z")]
    [InlineData("1796033730", "2026-11-30T10:15:30Z")]
    [InlineData("1796033730.5", "2026-11-30T10:15:30.500000Z")]
    [InlineData("-1", "1969-12-31T23:59:59Z")]
    public void A_time_is_ISO_8601_or_epoch_seconds_and_UTC_without_an_offset(string text, string expected)
    {
        Assert.True(EpochTime.TryParse(text, out var micros));
        Assert.Equal(expected, EpochTime.ToIso8601(micros));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10:15")]
    [InlineData("24/11/2026 10:15")]
    [InlineData("11/24/2026")]
    [InlineData("24 Nov 2026")]
    [InlineData("Nov 24")]
    [InlineData("2026-24-11")]
    [InlineData("2026-11-24T25:00:00Z")]
    [InlineData("1e9")]
    [InlineData("99999999999999999999")]
    [InlineData("NaN")]
    [InlineData("yesterday")]
    public void Everything_else_is_refused_instead_of_guessed(string text) => Assert.False(EpochTime.TryParse(text, out _));
}
