using GrainSensors.Core.Statistics;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Comparison;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Which windows may hold a message on which the stream and the engine disagree.</summary>
public sealed class DisputedWindowsTests
{
    private const long Start = 1_795_514_400_000_000;
    private const long Ahead = 120_000_000;
    private static readonly Period Minute = Period.FromSeconds(60);
    private static readonly Guid Topic = Guid.NewGuid();

    [Fact]
    public void A_message_that_can_be_read_is_in_one_window_of_its_sensor()
    {
        var windows = Of(new ParseDisagreement(new(0, 5), true, "", Start) { Reading = new(7, Start + 59_999_999) });

        Assert.Equal(("holds message 0:5", new LogPlace(0, 5)), windows.Find(Key(7, 0), Row(Key(7, 0), mark: 0)));
        Assert.NotNull(windows.Find(Key(7, 0), null));
        Assert.Null(windows.Find(Key(7, 1), null));
        Assert.Null(windows.Find(Key(7, -1), null));
        Assert.Null(windows.Find(Key(8, 0), null));
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(null, true)]
    public void A_message_that_cannot_be_read_may_be_in_rows_that_have_applied_its_offset_and_in_missing_rows(int? mark, bool expected)
    {
        var windows = Of(new ParseDisagreement(new(0, 5), true, "", Start));

        Assert.Equal(expected, windows.Find(Key(7, 0), mark is { } offset ? Row(Key(7, 0), offset) : null) is not null);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_message_that_cannot_be_read_is_in_no_window_further_ahead_than_a_timestamp_may_be(int window, bool expected)
    {
        var windows = Of(new ParseDisagreement(new(0, 5), true, "", Start));

        Assert.Equal(expected, windows.Find(Key(7, window), null) is not null);
    }

    [Fact]
    public void The_later_of_two_messages_that_cannot_be_read_disputes_later_windows()
    {
        var windows = Of(
            new ParseDisagreement(new(0, 9), true, "", Start + 60_000_000), new ParseDisagreement(new(0, 5), true, "", Start));

        Assert.Equal("may hold message 0:5", windows.Find(Key(7, 1), null)?.Description);
        Assert.Equal("may hold message 0:9", windows.Find(Key(7, 2), null)?.Description);
        Assert.Null(windows.Find(Key(7, 2), Row(Key(7, 2), mark: 8)));
    }

    [Fact]
    public void A_message_that_the_stream_rejected_and_nobody_can_read_is_in_no_window() =>
        Assert.Null(Of(new ParseDisagreement(new(0, 5), false, "", Start)).Find(Key(7, 0), null));

    [Fact]
    public void If_there_are_too_many_disagreements_to_list_every_window_is_disputed() => Assert.NotNull(
        new DisputedWindows(new(0, []) { HasMoreDisagreements = true }, Request(), [new("sensor-data", Topic, 1)]).Find(Key(7, 0), null));

    private static DisputedWindows Of(params ParseDisagreement[] disagreements) =>
        new(new(0, disagreements), Request(), [new("sensor-data", Topic, 1)]);

    private static ReconciliationRequest Request() => new(Minute, Start, Start + (60 * Minute.TotalMicros), null, []) { MaxAhead = Ahead };

    private static WindowKey Key(int sensor, int window) =>
        new(sensor, "temperature", Minute, Start + (window * Minute.TotalMicros));

    private static WindowRow Row(WindowKey key, long mark) => new(
        key, default(RunningStatistics).Add(20), Marks.Empty.Raise(new(Topic, 0), mark), 1, 0, IsFinal: true);
}
