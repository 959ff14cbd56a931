using System.Globalization;
using GrainSensors.Core.Windows;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>One fault from beginning to end: readings flow the whole time, and then every row is compared.</summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _name;
    private readonly int _seed;
    private readonly int _evictions;
    private readonly Traffic _traffic;
    private readonly Delays _delays;

    /// <param name="clockError">By how much the clocks of the sensors are wrong.</param>
    public FaultRun(string name, FaultCluster cluster, int seed, Func<TimeSpan>? clockError = null)
    {
        _name = name;
        _seed = seed;
        Cluster = cluster;
        _evictions = cluster.Evictions;
        Random = new(seed);
        _traffic = new(cluster.Kafka.Options, seed, clockError);
        _delays = new(cluster.DataSource, _traffic.Producer);
    }

    public FaultCluster Cluster { get; }

    /// <summary>For the choices of the fault.</summary>
    public Random Random { get; }

    /// <summary>The longest time from Kafka to a durable window in this run: what a fault costs, an outage included.</summary>
    public TimeSpan LongestDelay { get; private set; }

    /// <summary>What is in the log at this moment becomes durable, however slow the machine is.</summary>
    public async Task UntilFlowingAsync()
    {
        await UntilAsync(() => _traffic.Producer.Acknowledged > 0, "there are no readings");
        var logged = _traffic.Producer.LastOffsets.ToDictionary();
        await UntilAsync(() => _delays.WereOver(logged), "readings wait");
        Take();
    }

    /// <summary>Lets readings flow for a while.</summary>
    /// <param name="until">Ends it earlier.</param>
    public Task FlowAsync(double seconds, Func<bool>? until = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        return UntilAsync(
            () => TimeProvider.System.GetElapsedTime(started).TotalSeconds >= seconds || until?.Invoke() == true,
            "time stands still");
    }

    /// <summary>Waits until readings of every partition that were produced after this moment are durable.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> UntilRecoveredAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        var before = _traffic.Producer.LastOffsets.ToDictionary();
        Assert.Equal(FaultCluster.Partitions, before.Count);
        await UntilAsync(() => before.All(last => _traffic.Producer.LastOffsets[last.Key] > last.Value), "there are no readings");
        var after = _traffic.Producer.LastOffsets.ToDictionary();
        await UntilAsync(() => _delays.AreOverAsync(after), "readings wait");
        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>Prints a figure of this run.</summary>
    public void Print(FormattableString figure) => Figures.Print($"{_name}, seed {_seed}: {figure.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Ends the readings, waits until all windows are closed, and compares every row.</summary>
    /// <param name="closed">False: there are windows that end in the future.</param>
    public async Task FinishAsync(bool closed = true)
    {
        await _traffic.StopAsync();
        await UntilAsync(() => _delays.AreOverAsync(_traffic.Producer.LastOffsets), "not everything becomes durable");
        Take();
        if (closed)
        {
            await UntilAsync(async () => await OpenAsync() == 0, "windows stay open");
        }

        var rows = await Cluster.RowsAsync(_traffic.Sensors);
        var (lost, twice) = _traffic.Readings.Compare(rows);
        if (twice > 0 && Cluster.Kafka.IsEmbedded)
        {
            ExpectWhatTheBrokerRepeats();
            (lost, twice) = _traffic.Readings.Compare(rows);
        }

        var recovery = FormattableString.Invariant(
            $"recovered within {LongestDelay.TotalSeconds:0.0} s, {Cluster.Evictions - _evictions} silos declared dead");
        Print($"{_traffic.Producer.Acknowledged} readings sent, {rows.Count} windows compared, {lost} lost, {twice} double, {recovery}");
        if (lost + twice > 0)
        {
            Explain(rows);
        }

        _traffic.Readings.AssertExact(rows, closed);
    }

    public async ValueTask DisposeAsync()
    {
        await _delays.DisposeAsync();
        await _traffic.DisposeAsync();
    }

    private void ExpectWhatTheBrokerRepeats()
    {
        var repeated = LogContents.Repeated(Cluster.Kafka.Options).Where(reading => _traffic.Sensors.Contains(reading.SensorId)).ToList();
        repeated.ForEach(reading => _traffic.Readings.Expect(reading.SensorId, "temperature", reading.Timestamp, reading.Temperature));
        Print($"{repeated.Count} readings are in the log twice, for the embedded broker knows no idempotent producers");
    }

    private Task UntilAsync(Func<bool> condition, string trouble) => UntilAsync(() => Task.FromResult(condition()), trouble);

    private Task UntilAsync(Func<Task<bool>> condition, string trouble) => Until.Async(
        async () =>
        {
            await Cluster.SuperviseAsync();
            return await condition();
        },
        () => $"{trouble} ({_delays}); {Cluster}",
        Patience);

    private void Take()
    {
        var longest = _delays.TakeLongest();
        LongestDelay = longest > LongestDelay ? longest : LongestDelay;
    }

    /// <summary>Prints, for every window that differs, where its readings stand in the log, and what the silos have said.</summary>
    private void Explain(Dictionary<WindowKey, WindowRow> rows)
    {
        var log = LogContents.Read(Cluster.Kafka.Options, FaultCluster.Period);
        foreach (var (key, expected) in _traffic.Readings.Expected)
        {
            var count = rows.TryGetValue(key, out var row) ? row.Statistics.Count : 0;
            if (count != expected.Count)
            {
                var logged = string.Join(' ', log.GetValueOrDefault(key.Window, []));
                Print($"{count} of {expected.Count} readings in {key.Window}; marks {row?.Marks.ToString()}; in the log: {logged}");
            }
        }

        foreach (var silo in Cluster.Silos)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{silo}\n  {string.Join("\n  ", silo.Process.Errors)}");
        }
    }

    private async Task<long> OpenAsync()
    {
        await using var command = Cluster.DataSource.CreateCommand(
            "SELECT count(*) FROM sensor_windows WHERE NOT is_final AND sensor_id = ANY ($1)");
        command.Parameters.Add(new() { Value = _traffic.Sensors });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
