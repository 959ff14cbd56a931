namespace GrainSensors.Tests.Replay;

/// <summary>The times of a recording.</summary>
public sealed class RecordedTimesTests
{
    private const string Madrid = "Europe/Madrid";

    [Theory]
    [InlineData("1732400000", "2024-11-23T22:13:20Z")]
    [InlineData("1732400000.25", "2024-11-23T22:13:20.250000Z")]
    [InlineData("1732400000,25", "2024-11-23T22:13:20.250000Z")]
    [InlineData("1732400000250", "2024-11-23T22:13:20.250000Z")]
    [InlineData("1732400000250.5", "2024-11-23T22:13:20.250500Z")]
    [InlineData("1732400000250001", "2024-11-23T22:13:20.250001Z")]
    [InlineData("1732400000250001999", "2024-11-23T22:13:20.250001Z")]
    [InlineData("1.732400000000000000e+09", "2024-11-23T22:13:20Z")]
    [InlineData("17324E5", null)]
    [InlineData("1.7324E+12", null)]
    [InlineData("1732400000250001999000", null)]
    [InlineData("20241123", null)]
    [InlineData("20241123T221320Z", "2024-11-23T22:13:20Z")]
    [InlineData("2024-11-23T23:13:20+01:00", "2024-11-23T22:13:20Z")]
    [InlineData("2024-11-23 22:13:20.5", "2024-11-23T22:13:20.500000Z")]
    [InlineData("2024-11-23T24:00:00Z", "2024-11-24T00:00:00Z")]
    [InlineData("2024-W47-6T22:13:20Z", "2024-11-23T22:13:20Z")]
    [InlineData("2024-11-23T23:59:60Z", "2024-11-24T00:00:00Z")]
    [InlineData("03/04/2024 10:00", null)]
    [InlineData("10:00", null)]
    [InlineData("Apr 3", null)]
    [InlineData("", null)]
    [InlineData("NaN", null)]
    public void A_time_is_ISO_8601_or_epoch_in_the_unit_of_its_size(string text, string? expected) =>
        Assert.Equal(
            [expected ?? $"timestamp must be epoch seconds or an ISO 8601 time; got \"{text}\""],
            Replayed.Times(null, null, text));

    /// <summary>Dates with the day first were read with the month first, and parts of dates as of today.</summary>
    [Fact]
    public void No_date_of_another_form_is_guessed()
    {
        string[] times =
        [
            "03/04/2024 10:00", "04/04/2024 10:00", "12/04/2024 10:00", "13/04/2024 10:00", "14/04/2024 10:00", "03.04.2024 10:00",
            "3 Apr 2024 10:00", "10:00", "2024/04/03 10:00", "\"Wed, 03 Apr 2024 10:00:00 GMT\"", "2024-04-03T10:00:00 CEST", "Apr 3",
        ];

        Assert.Equal(
            times.Select(time => $"timestamp must be epoch seconds or an ISO 8601 time; got \"{time.Trim('"')}\""),
            Replayed.Times(null, null, times));
    }

    [Theory]
    [InlineData("dd/MM/yyyy HH:mm", "03/04/2024 10:00", "2024-04-03T10:00:00Z")]
    [InlineData("dd/MM/yyyy HH:mm", "13/04/2024 10:00", "2024-04-13T10:00:00Z")]
    [InlineData("MM/dd/yyyy hh:mm tt", "04/13/2024 10:00 PM", "2024-04-13T22:00:00Z")]
    [InlineData("d.M.yy H:mm:ss", "3.4.24 9:00:07", "2024-04-03T09:00:07Z")]
    [InlineData("dd MMM yyyy", "03 Apr 2024", "2024-04-03T00:00:00Z")]
    [InlineData("yyyyMMddHHmmss", "20240403100000", "2024-04-03T10:00:00Z")]
    public void A_format_reads_what_the_user_says(string format, string text, string expected) =>
        Assert.Equal([expected], Replayed.Times(format, null, text));

    [Theory]
    [InlineData("31/04/2024 10:00")]
    [InlineData("04/13/2024 10:00")]
    [InlineData("3/4/2024 10:00")]
    [InlineData("03/04/2024 10:00:00")]
    [InlineData("2024-04-03 10:00")]
    [InlineData("1732400000")]
    public void With_a_format_nothing_else_is_a_time(string text) =>
        Assert.Equal(
            [$"timestamp must be in the format \"dd/MM/yyyy HH:mm\"; got \"{text}\""], Replayed.Times("dd/MM/yyyy HH:mm", Madrid, text));

    [Fact]
    public void Local_times_are_those_of_the_zone_and_offsets_and_epochs_stay() =>
        Assert.Equal(
            ["2024-01-15T11:00:00Z", "2024-07-15T10:00:00Z", "2024-07-15T12:00:00Z", "2024-11-23T22:13:20Z"],
            Replayed.Times(null, Madrid, "2024-01-15 12:00", "2024-07-15T12:00:00", "2024-07-15T12:00:00Z", "1732400000"));

    [Fact]
    public void A_local_time_that_does_not_exist_is_refused() =>
        Assert.Equal(
            [
                "2024-03-31T00:59:59Z",
                "timestamp \"2024-03-31 02:30:00\" does not exist in Europe/Madrid, where clocks were set forward over it",
                "2024-03-31T01:00:00Z",
            ],
            Replayed.Times(null, Madrid, "2024-03-31 01:59:59", "2024-03-31 02:30:00", "2024-03-31 03:00:00"));

    [Theory]
    [InlineData("by the half hour", "01:30 02:00 02:30 02:00 02:30 03:00", "23:30 00:00 00:30 01:00 01:30 02:00")]
    [InlineData("by the hour", "01:00 02:00 02:00 03:00", "23:00 00:00 01:00 02:00")]
    [InlineData("begun in the hour", "02:30 02:30", "00:30 01:30")]
    [InlineData("with several readings a minute", "01:59 01:59 02:30 02:30 02:31 02:30 02:30", "23:59 23:59 00:30 00:30 00:31 01:30 01:30")]
    [InlineData("with the newest first", "03:00 02:30 02:00 02:30 02:00 01:30", "02:00 01:30 01:00 00:30 00:00 23:30")]
    [InlineData("with a late reading before", "01:10 01:30 01:20 02:00 02:30 02:00", "23:10 23:30 23:20 00:00 00:30 01:00")]
    [InlineData("with two that changed places", "01:58 01:59 02:00 02:02 02:01 02:03 02:59", "23:58 23:59 00:00 00:02 00:01 00:03 00:59")]
    [InlineData("with one two places late", "01:59 02:00 02:02 02:03 02:01 02:04", "23:59 00:00 00:02 00:03 00:01 00:04")]
    [InlineData("with two that changed places where clocks were set", "02:57 02:58 02:00 02:59 02:01", "00:57 00:58 01:00 00:59 01:01")]
    [InlineData("with two that changed places, newest first", "03:01 03:00 02:59 02:57 02:58 02:56", "02:01 02:00 01:59 01:57 01:58 01:56")]
    [InlineData("with drifting half hours", "01:01 01:31 02:02 02:32 02:03 02:33 03:04", "23:01 23:31 00:02 00:32 01:03 01:33 02:04")]
    [InlineData("with drifting thirds of an hour", "01:45 02:05 02:25 02:45 02:06 02:26", "23:45 00:05 00:25 00:45 01:06 01:26")]
    [InlineData("with times 40 minutes apart", "00:01 00:42 01:22 02:02 02:42 02:23 03:03", "22:01 22:42 23:22 00:02 00:42 01:23 02:03")]
    [InlineData("with one missing where clocks were set", "02:00 02:20 02:40 02:20 02:40", "00:00 00:20 00:40 01:20 01:40")]
    public void A_local_time_that_occurs_twice_is_resolved_by_the_order(string order, string local, string utc)
    {
        var times = local.Split(' ').Select(time => $"2024-10-27 {time}");

        Assert.True(
            utc.Split(' ').SequenceEqual(Replayed.Times(null, Madrid, times).Select(time => time[11..16])),
            $"{order}: {string.Join(' ', Replayed.Times(null, Madrid, times))}");
    }

    [Fact]
    public void Each_sensor_has_its_own_order_and_the_summary_says_how_many()
    {
        var replayed = Replayed.Read(
            "sensor_id,timestamp,temperature\n1,2024-10-27 02:30,1\n2,2024-10-27 02:30,2\n1,2024-10-27 02:10,3\n2,2024-10-27 02:40,4\n",
            zone: Madrid);

        Assert.Equal(
            [
                "2: 2024-10-27T00:30:00Z 1 1 NaN", "3: 2024-10-27T00:30:00Z 2 2 NaN", "4: 2024-10-27T01:10:00Z 1 3 NaN",
                "5: 2024-10-27T00:40:00Z 2 4 NaN",
            ],
            replayed.Lines);
        Assert.Equal(
            [
                "times that occur twice in Europe/Madrid were resolved by their order: "
                    + "3 as the first (summer time), 1 as the second (winter time)",
            ],
            replayed.Notes);
    }

    [Theory]
    [InlineData("2024-11-23 22:13:20", true)]
    [InlineData("2024-11-23", true)]
    [InlineData("2024-11-23 22:13:20Z", false)]
    [InlineData("1732400000", false)]
    public void That_UTC_was_assumed_is_noted(string time, bool isNoted)
    {
        var replayed = Replayed.Read($"sensor_id,timestamp,temperature\n7,{time},1\n8,{time},1\n");

        Assert.Equal(
            isNoted ? ["times without an offset were read as UTC; for local time give --time-zone, such as Europe/Madrid"] : [],
            replayed.Notes);
    }

    [Theory]
    [InlineData("HH:mm", "--time-format must have day (dd), month (MM) and year (yyyy)")]
    [InlineData("dd/MM HH:mm", "--time-format must have day (dd), month (MM) and year (yyyy)")]
    [InlineData("dd/MM/yyyy hh:mm", "--time-format must have day (dd), month (MM) and year (yyyy), and hours (HH, or hh with tt) ")]
    [InlineData("dd/mm/yyyy HH:MM", "--time-format must have day (dd), month (MM) and year (yyyy)")]
    [InlineData("soon", "--time-format must be a format such as")]
    [InlineData("R", "--time-format must be a format such as")]
    [InlineData("", "--time-format must be a format such as")]
    public void A_format_that_leaves_something_to_guess_is_refused(string format, string start)
    {
        var error = Assert.Single(Parse("--time-format", format));

        Assert.StartsWith(start, error, StringComparison.Ordinal);
        Assert.Contains($"got \"{format}\"", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dd/MM/yyyy")]
    [InlineData("dd/MM/yyyy HH")]
    [InlineData("dd/MM/yy HH:mm:ss.fff")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.FFFFFF")]
    [InlineData("M/d/yyyy h:mm:ss tt")]
    public void A_format_that_says_all_is_taken(string format) => Assert.Empty(Parse("--time-format", format));

    [Theory]
    [InlineData("Europe/Madird", "did you mean Europe/Madrid?")]
    [InlineData("europe/madrid", "did you mean Europe/Madrid?")]
    [InlineData("CEST of old", "got \"CEST of old\".")]
    public void An_unknown_zone_is_told(string zone, string end)
    {
        var error = Assert.Single(Parse("--time-zone", zone));

        Assert.StartsWith("--time-zone must be a time zone such as Europe/Madrid; ", error, StringComparison.Ordinal);
        Assert.EndsWith(end, error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Parse(string option, string value) =>
        CommandTree.Create().Parse(["replay", "a.csv", option, value]).Errors.Select(error => error.Message);
}
