using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Closing;
using GrainSensors.Ingest.Dispatch;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.Closing;

/// <summary>When windows are due.</summary>
public sealed class OpenWindowsTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private const long Start = 1_789_999_200 * Second;
    private const long End = Start + (900 * Second);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_790_000_003));
    private readonly OpenWindows _open;
    private readonly WindowGrainHandle _sensor = new(7, Period.FromSeconds(900), null!);

    public OpenWindowsTests() => _open = new(grace: 10 * Second, lateInterval: 10 * Second, _clock);

    [Fact]
    public void A_window_is_due_when_stream_time_reaches_its_end_and_the_grace()
    {
        _open.Track(_sensor, Start);

        Assert.False(_open.AreDue(End + (10 * Second) - 1));
        Assert.Empty(_open.TakeDue(End + (10 * Second) - 1));
        Assert.True(_open.AreDue(End + (10 * Second)));
        Assert.Equal(new(_sensor, Start), Assert.Single(_open.TakeDue(End + (10 * Second))));
        Assert.Equal(0, _open.Count);
    }

    [Fact]
    public void A_reading_opens_its_window_again_while_the_window_is_being_closed()
    {
        _open.Track(_sensor, Start);
        _open.TakeAll();

        _open.Track(_sensor, Start);

        Assert.Equal(1, _open.Count);
        Assert.Equal(Start, _open.StartsFrom);
    }

    [Fact]
    public void A_window_that_late_readings_open_is_due_once_in_an_interval_at_a_time_that_all_partitions_share()
    {
        var later = End + (60 * Second);
        _open.Track(_sensor, Start, isLate: true);
        Assert.Equal((1, Start), (_open.Count, _open.StartsFrom));
        Assert.False(_open.AreDue(later));

        _clock.Advance(TimeSpan.FromSeconds(6.9));
        _open.Track(_sensor, Start, isLate: true);
        _open.Track(_sensor, Start - (900 * Second), isLate: true);
        Assert.Empty(_open.TakeDue(later));

        // 7 s after the first one, at a multiple of the interval.
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(_open.AreDue(later));
        Assert.Equal([Start, Start - (900 * Second)], _open.TakeDue(later).Select(window => window.Start));
        Assert.Equal((0, long.MaxValue), (_open.Count, _open.StartsFrom));

        _open.Track(_sensor, Start, isLate: true);
        Assert.False(_open.AreDue(later));
        Assert.Equal(Start, Assert.Single(_open.TakeAll()).Start);
    }

    [Fact]
    public void Without_an_open_window_nothing_is_due()
    {
        Assert.False(_open.AreDue(long.MaxValue - Second));
        Assert.Equal(long.MaxValue, _open.StartsFrom);
    }
}
