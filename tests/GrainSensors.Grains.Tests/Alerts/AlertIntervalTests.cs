namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>Each raising of an alert is an interval, whatever is written or read twice.</summary>
public sealed class AlertIntervalTests
{
    private readonly ForgettingMonitor _monitor = new();

    [Fact]
    public async Task Each_raising_of_an_alert_is_an_interval_from_raising_to_clearing()
    {
        _monitor.Read(0, 20);
        _monitor.Read(1, 99);
        _monitor.Read(3, 20);
        _monitor.Read(5, 99);
        _monitor.Read(9, 99);
        _monitor.Read(10, 20);
        _monitor.Tick(50);
        await _monitor.FlushAsync();

        Assert.Equal(["1: 1 to 3", "2: 5 to 10", "1: 40 to open"], _monitor.Intervals);
    }

    [Fact]
    public async Task Readings_that_are_read_again_after_a_crash_write_the_same_intervals()
    {
        _monitor.Read(0, 20);
        _monitor.Read(1, 99);
        await _monitor.FlushAsync();
        _monitor.Read(3, 20);
        _monitor.Read(5, 99);
        _monitor.Read(10, 20);
        _monitor.Tick(50);
        await _monitor.RestartAsync();
        _monitor.Redeliver();
        _monitor.Tick(50);
        await _monitor.FlushAsync();

        Assert.Equal(["1: 1 to 3", "2: 5 to 10", "1: 40 to open"], _monitor.Intervals);
    }

    [Fact]
    public async Task A_raising_that_only_the_table_knows_keeps_its_number()
    {
        _monitor.Read(0, 20);
        _monitor.Tick(31);
        _monitor.Read(40, 20);
        await _monitor.FlushAsync();
        _monitor.IsStateAway = true;
        _monitor.Tick(71);
        _monitor.IsStateAway = false;

        // A reading that was late before the crash shows that the sensor was not silent.
        await _monitor.RestartAsync();
        _monitor.Read(69, 20);
        _monitor.Read(75, 20);
        _monitor.Tick(106);
        _monitor.Read(110, 20);
        await _monitor.FlushAsync();

        Assert.Equal(["1: 30 to 40", "2: 70 to 75", "3: 105 to 110"], _monitor.Intervals);
    }
}
