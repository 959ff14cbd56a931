using CsCheck;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>A dismissed sensor is gone, with its alerts, until a reading with a later event time comes.</summary>
public sealed class ForgottenSensorTests
{
    private readonly ForgettingMonitor _monitor = new();

    [Fact]
    public async Task Its_open_alert_is_cleared_once_and_silence_raises_no_other()
    {
        _monitor.Read(0, 20);
        _monitor.Tick(100);
        await _monitor.ForgetAsync(150);
        _monitor.Tick(151);
        _monitor.Tick(900);
        await _monitor.FlushAsync();

        Assert.Equal(["Raised 30", "Cleared 150"], _monitor.Story);
        Assert.Empty(_monitor.Open);
        Assert.Null(_monitor.Kept());
    }

    [Fact]
    public async Task An_older_reading_does_not_bring_it_back_and_a_later_one_does()
    {
        _monitor.Read(0, 20);
        await _monitor.ForgetAsync(50);
        _monitor.Tick(51);
        _monitor.Read(40, 99);
        _monitor.Read(50, 99);
        _monitor.Tick(200);
        Assert.Empty(_monitor.Story);

        _monitor.Read(201, 20);
        _monitor.Tick(240);

        Assert.Equal(["Raised 231"], _monitor.Story);
    }

    [Fact]
    public async Task Readings_that_are_read_again_or_replayed_do_not_bring_it_back_and_a_later_event_does()
    {
        _monitor.Read(0, 20);
        _monitor.Read(10, 99);
        await _monitor.FlushAsync();
        await _monitor.ForgetAsync(50);
        _monitor.Tick(51);
        await _monitor.FlushAsync();

        // A rewind delivers the same offsets, also to an activation whose state is lost; a replay writes old readings to the log.
        _monitor.Redeliver(0);
        _monitor.LoseState();
        await _monitor.RestartAsync();
        _monitor.Redeliver(0);
        _monitor.Read(0, 20);
        _monitor.Read(10, 99);
        _monitor.Read(50, 99);
        _monitor.Tick(200);
        await _monitor.FlushAsync();
        Assert.Equal(["Raised 10", "Cleared 50"], _monitor.Story);
        Assert.Empty(_monitor.Open);
        Assert.Null(_monitor.Kept());

        _monitor.Read(201, 99);
        await _monitor.FlushAsync();
        Assert.Equal([201], _monitor.Open);
        Assert.Equal(["1: 10 to 50", "1: 201 to open"], _monitor.Intervals);
        Assert.NotNull(_monitor.Kept());
    }

    [Fact]
    public async Task A_restart_before_the_state_was_written_does_not_bring_it_back()
    {
        _monitor.Read(0, 20);
        _monitor.Tick(100);
        await _monitor.FlushAsync();
        await _monitor.ForgetAsync(150);
        _monitor.Tick(151);

        await _monitor.RestartAsync();
        _monitor.Redeliver();
        _monitor.Tick(900);
        await _monitor.FlushAsync();

        Assert.Empty(_monitor.Open);
        Assert.Null(_monitor.Kept());
    }

    [Fact]
    public async Task A_reading_before_the_dismissal_is_known_leaves_no_alert_of_the_time_before()
    {
        _monitor.Read(0, 20);
        _monitor.Tick(100);
        _monitor.Dismiss(150);
        _monitor.Read(151, double.NaN);
        await _monitor.PollAsync();
        _monitor.Tick(152);

        Assert.Equal(["Raised 30", "Cleared 150", "Raised 151"], _monitor.Story);
        Assert.Equal([151], _monitor.Open);
    }

    [Fact]
    public async Task A_silence_that_is_raised_before_the_dismissal_is_known_is_cleared()
    {
        _monitor.Read(0, 20);
        _monitor.Dismiss(20);
        _monitor.Tick(31);
        await _monitor.PollAsync();
        _monitor.Tick(32);
        await _monitor.FlushAsync();

        Assert.Empty(_monitor.Open);
        Assert.Null(_monitor.Kept());
    }

    /// <summary>Readings, late and delivered again, ticks, flushes, crashes and dismissals that are known later, in any order.</summary>
    [Fact]
    public void Whatever_happens_it_is_gone_until_a_later_reading_and_the_table_has_the_alerts_of_the_state() =>
        Gen.Int[0, int.MaxValue].Sample(
            seed => RunAsync(seed).GetAwaiter().GetResult() is { } wrong
                ? throw new InvalidOperationException($"Seed {seed}: {wrong}")
                : true,
            iter: TestLength.IsLong ? 50_000 : 3_000);

    private static async Task<string?> RunAsync(int seed)
    {
        var random = new Random(seed);
        var monitor = new ForgettingMonitor();
        var (time, latest, forgottenAt) = (0, -1, -1);
        for (var step = random.Next(5, 60); step > 0; step--)
        {
            switch (random.Next(9))
            {
                case < 3:
                    time += random.Next(1, 20);
                    var at = random.Next(4) == 0 ? random.Next(time) : time;
                    latest = Math.Max(latest, at);
                    monitor.Read(at, random.Next(5) == 0 ? double.NaN : random.Next(3) == 0 ? 99 : 20);
                    break;
                case 3:
                    time += random.Next(60);
                    monitor.Tick(time);
                    break;
                case 4:
                    await monitor.FlushAsync();
                    break;
                case 5:
                    await monitor.RestartAsync();
                    monitor.Redeliver();
                    break;
                case 6:
                    await monitor.PollAsync();
                    break;
                case 7 when random.Next(2) == 0:
                    forgottenAt = time += 1;
                    monitor.Dismiss(time);
                    break;
                default:
                    monitor.Redeliver(random.Next(100));
                    break;
            }
        }

        await monitor.PollAsync();
        monitor.Tick(time);
        var isBack = latest > forgottenAt;
        if (isBack && latest >= 0)
        {
            // The next reading ends what a crash has left open in the table.
            monitor.Read(time + 1, 20);
        }

        monitor.Tick(time + 2);
        await monitor.FlushAsync();
        var watch = monitor.Kept();
        var open = watch is null ? [] : ForgettingMonitor.OpenOf(watch);
        return watch is not null != (isBack && latest >= 0) ? $"forgotten at {forgottenAt}, latest {latest}, watch {watch?.LastReadingAt}"
            : !monitor.Open.Order().SequenceEqual(open.Order()) ? $"open {string.Join(' ', monitor.Open)}, state {string.Join(' ', open)}"
            : monitor.Open.Any(raised => raised <= forgottenAt) ? $"an alert from before {forgottenAt} is open"
            : null;
    }
}
