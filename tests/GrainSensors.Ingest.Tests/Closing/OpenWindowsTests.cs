using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Closing;
using GrainSensors.Ingest.Dispatch;

namespace GrainSensors.Ingest.Tests.Closing;

/// <summary>When windows are due.</summary>
public sealed class OpenWindowsTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private const long Start = 1_789_999_200 * Second;
    private const long End = Start + (900 * Second);

    private readonly OpenWindows _open = new(grace: 10 * Second);
    private readonly WindowGrainHandle _sensor = new(7, Period.FromSeconds(900), null!);

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
    public void Without_an_open_window_nothing_is_due()
    {
        Assert.False(_open.AreDue(long.MaxValue - Second));
        Assert.Equal(long.MaxValue, _open.StartsFrom);
    }
}
