using GrainSensors.Core.Time;

namespace GrainSensors.Core.Tests.Time;

/// <summary>Seconds since an arbitrary morning; the idle timeout is 30 s.</summary>
public sealed class StreamTimeTests
{
    private const long Morning = 1_795_428_900;

    private readonly StreamTime _time = new(30 * EpochTime.MicrosPerSecond, EpochTime.Min);

    [Fact]
    public void It_starts_where_the_checkpoint_left_it() => Assert.Equal(42, new StreamTime(1, 42).Current);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void It_refuses_a_timeout_of_nothing(long timeout) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new StreamTime(timeout, 0));

    [Fact]
    public void It_is_the_greatest_event_time_and_never_goes_back()
    {
        Observe(10, wallClock: 100);
        AssertAt(10);
        Observe(20, wallClock: 101);
        AssertAt(20);
        Observe(5, wallClock: 102);
        AssertAt(20);
    }

    [Fact]
    public void One_fast_clock_closes_nothing_early()
    {
        Observe(3600, wallClock: 100);
        AssertAt(100);
        Observe(99, wallClock: 101);
        AssertAt(100);
    }

    [Fact]
    public void While_live_it_moves_on_by_the_wall_time_that_elapses()
    {
        Observe(50, wallClock: 100);
        Tick(live: true, wallClock: 101);
        AssertAt(50);
        Tick(live: true, wallClock: 105);
        AssertAt(54);
        Tick(live: true, wallClock: 111);
        AssertAt(60);
    }

    [Fact]
    public void It_never_moves_past_the_wall_clock()
    {
        Observe(99, wallClock: 100);
        Tick(live: true, wallClock: 100);
        for (var second = 101; second < 200; second++)
        {
            Tick(live: true, second);
            Assert.True(_time.Current <= At(second));
        }

        AssertAt(199);
    }

    [Fact]
    public void After_the_idle_timeout_the_wall_clock_takes_over()
    {
        Observe(50, wallClock: 1000);
        Tick(live: true, wallClock: 1000);
        Tick(live: true, wallClock: 1029);
        AssertAt(79);
        Tick(live: true, wallClock: 1030);
        AssertAt(1030);
        Tick(live: true, wallClock: 1031);
        AssertAt(1031);
    }

    [Fact]
    public void A_stream_that_never_brought_anything_waits_for_the_timeout_only()
    {
        Tick(live: true, wallClock: 100);
        Tick(live: true, wallClock: 129);
        Assert.Equal(EpochTime.Min, _time.Current);
        Tick(live: true, wallClock: 130);
        AssertAt(130);
    }

    [Fact]
    public void Each_batch_begins_the_timeout_again()
    {
        Observe(50, wallClock: 1000);
        Tick(live: true, wallClock: 1000);
        Tick(live: true, wallClock: 1029);
        Observe(80, wallClock: 1029);
        Tick(live: true, wallClock: 1029);
        Tick(live: true, wallClock: 1058);
        AssertAt(109);
        Tick(live: true, wallClock: 1059);
        AssertAt(1059);
    }

    [Fact]
    public void While_not_live_it_stands_and_an_outage_counts_for_nothing()
    {
        Observe(50, wallClock: 100);
        Tick(live: true, wallClock: 100);
        Tick(live: true, wallClock: 110);
        AssertAt(60);
        Tick(live: false, wallClock: 111);
        Tick(live: false, wallClock: 10_000);
        AssertAt(60);
        Tick(live: true, wallClock: 10_001);
        AssertAt(60);
        Tick(live: true, wallClock: 10_002);
        AssertAt(61);
        Tick(live: true, wallClock: 10_030);
        AssertAt(89);
        Tick(live: true, wallClock: 10_031);
        AssertAt(10_031);
    }

    [Fact]
    public void With_an_endless_timeout_the_wall_clock_never_takes_over()
    {
        var time = new StreamTime(long.MaxValue, EpochTime.Min);
        time.Tick(live: true, At(0));
        time.Tick(live: true, At(1_000_000));
        Assert.Equal(EpochTime.Min, time.Current);
    }

    [Fact]
    public void A_wall_clock_that_is_set_back_moves_nothing_and_time_goes_on_from_there()
    {
        Observe(50, wallClock: 10_000);
        Tick(live: true, wallClock: 10_000);
        Tick(live: true, wallClock: 10_010);
        AssertAt(60);
        Tick(live: true, wallClock: 6_410); // an hour back
        AssertAt(60);
        Tick(live: true, wallClock: 6_415);
        AssertAt(65);
    }

    [Fact]
    public void A_wall_clock_that_is_set_back_does_not_put_off_idleness()
    {
        Observe(50, wallClock: 10_000);
        Tick(live: true, wallClock: 10_000);
        Tick(live: true, wallClock: 10_010);
        Tick(live: true, wallClock: 6_400); // an hour back, ten seconds of silence so far
        Tick(live: true, wallClock: 6_419);
        AssertAt(79);
        Tick(live: true, wallClock: 6_420);
        AssertAt(6_420);
    }

    [Fact]
    public void Set_back_below_the_stream_it_stands_until_the_clock_has_caught_up()
    {
        Observe(100, wallClock: 100);
        Tick(live: true, wallClock: 100);
        Tick(live: true, wallClock: 40);
        Tick(live: true, wallClock: 90);
        Observe(95, wallClock: 95);
        AssertAt(100);
        Tick(live: true, wallClock: 99);
        Tick(live: true, wallClock: 101);
        AssertAt(101);
    }

    private static long At(long second) => (Morning + second) * EpochTime.MicrosPerSecond;

    private void Observe(long second, long wallClock) => _time.Observe(At(second), At(wallClock));

    private void Tick(bool live, long wallClock) => _time.Tick(live, At(wallClock));

    private void AssertAt(long second) => Assert.Equal(second, (_time.Current / EpochTime.MicrosPerSecond) - Morning);
}
