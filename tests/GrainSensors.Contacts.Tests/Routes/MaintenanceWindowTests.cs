using GrainSensors.Contacts.Routes;
using GrainSensors.Core.Time;

namespace GrainSensors.Contacts.Tests.Routes;

public sealed class MaintenanceWindowTests
{
    [Theory]
    [InlineData("2026-11-24T09:59:59Z", null)]
    [InlineData("2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z")]
    [InlineData("2026-11-24T12:00:00Z", null)]
    public void A_window_that_is_once_lasts_from_its_start_to_its_end(string now, string? end) =>
        AssertEnd(new("w", "2026-11-24T10:00Z", "2026-11-24T13:00+01:00", null, null, null), now, end);

    [Theory]
    [InlineData("2026-11-24T00:59:59Z", null)]
    [InlineData("2026-11-24T01:00:00Z", "2026-11-24T03:30:00Z")]
    [InlineData("2026-11-24T03:29:59Z", "2026-11-24T03:30:00Z")]
    [InlineData("2026-11-24T03:30:00Z", null)]
    [InlineData("2026-07-24T00:00:00Z", "2026-07-24T02:30:00Z")]
    public void A_window_of_a_cron_expression_begins_in_local_time(string now, string? end) =>
        AssertEnd(new("w", null, null, "0 2 * * *", "Europe/Madrid", "2.5h"), now, end);

    [Theory]
    [InlineData("2027-03-28T00:59:59Z", null)]
    [InlineData("2027-03-28T01:30:00Z", "2027-03-28T02:30:00Z")]
    [InlineData("2026-10-25T00:29:59Z", null)]
    [InlineData("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z")]
    [InlineData("2026-10-25T01:30:00Z", null)]
    public void A_skipped_hour_moves_after_the_change_of_clocks_and_of_a_repeated_one_the_first_counts(string now, string? end) =>
        AssertEnd(new("w", null, null, "30 2 * * *", "Europe/Madrid", "1h"), now, end);

    [Fact]
    public void Of_overlapping_windows_the_last_end_counts() =>
        AssertEnd(new("w", null, null, "0 * * * *", null, "90m"), "2026-11-24T10:10:00Z", "2026-11-24T11:30:00Z");

    private static void AssertEnd(MaintenanceDocument window, string now, string? end)
    {
        Assert.True(EpochTime.TryParse(now, out var at));
        var found = MaintenanceWindow.Of(window).EndAt(at);
        Assert.Equal(end, found is { } micros ? $"{EpochTime.ToDateTime(micros):yyyy-MM-ddTHH:mm:ssZ}" : null);
    }
}
