using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Alerts;
using GrainSensors.Grains.Alerts.Groups;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>Rules that compare the windows of sensors.</summary>
public sealed class CompareAlertTests : IAlertSink, IAsyncLifetime
{
    private const long Quarter = WindowRows.Quarter;
    private const string Median =
        """{"kind":"compare","selector":{"measurement":"temperature"},"by":["room"],"above":2,"below":-2,"dwell_readings":2}""";

    private readonly TemporaryDirectory _folder = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddMicroseconds(WindowRows.Start));
    private readonly List<string> _told = [];
    private CompareState _state = new();
    private SqliteWindowStore? _store;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private SqliteWindowStore Store => _store!;

    public async ValueTask InitializeAsync()
    {
        _store = new(_folder.File("windows.db"), clock: _clock);
        await _store.PrepareAsync(Stop);
        await _store.Sensors.WriteAsync(
            [
                .. Enumerable.Range(1, 5).Select(sensor => new Storage.Sensors.RegisteredSensor(sensor)
                {
                    Tags = SensorTags.Of([new("room", sensor == 5 ? "cellar" : "hall")]),
                }),
            ],
            Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    Task IAlertSink.PublishAsync(IReadOnlyList<AlertEvent> events)
    {
        _told.AddRange(events.Select(happened => $"{happened.Transition}: {happened.Message}"));
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_sensor_that_differs_from_the_median_of_its_room_for_two_windows_is_told_once_whatever_ends_between()
    {
        await UseAsync(Median);
        await RunAsync(Compare());
        await WriteAsync(20, 21, 25, 22, 90);
        await RunAsync(Compare());
        Assert.Empty(_told);
        await WriteAsync(20, 21, 24.5, 22, 90);
        var compare = Compare();
        await RunAsync(compare);
        await RunAsync(compare);
        Assert.Equal(["Raised: Sensor 3: temperature 24.5, 3 above 21.5, rule odd"], _told);
        var alert = Assert.Single(await AlertsAsync());
        Assert.Equal(
            (3, "temperature", 24.5, 21.5, WindowRows.Start + (2 * Quarter)),
            (alert.SensorId, alert.Measurement, alert.Value, alert.Expected, alert.RaisedAt));
        Assert.Equal(AlertId.Of(3, "temperature", AlertKind.Compare, alert.RaisedAt, "odd"), alert.Id);

        await WriteAsync(20, 21, 25, 22, 90);
        await RunAsync(Compare());
        await WriteAsync(20, 21, 22, 22, 90);
        await RunAsync(Compare());
        Assert.Equal(["Cleared: Sensor 3: rule odd cleared, temperature 22"], _told.Skip(1));
        Assert.Equal(WindowRows.Start + (4 * Quarter), Assert.Single(await AlertsAsync()).ClearedAt);
    }

    [Fact]
    public async Task A_progress_that_was_lost_yields_the_same_alerts()
    {
        await UseAsync(Median);
        await RunAsync(Compare());
        var before = new CompareState { JudgedUntil = new(_state.JudgedUntil) };
        await WriteAsync(20, 21, 25, 22, 90);
        await WriteAsync(20, 21, 25, 22, 90);
        await RunAsync(Compare());
        _state = before;
        await RunAsync(Compare());
        Assert.Equal(1, Assert.Single(await AlertsAsync()).Occurrences);
    }

    [Fact]
    public async Task A_sensor_is_compared_with_another_one_and_a_missing_window_says_nothing()
    {
        await UseAsync("""{"kind":"compare","selector":{"measurement":"temperature","sensors":[2,3]},"reference":5,"above":2}""");
        await RunAsync(Compare());
        await WriteAsync(20, 21, 25, 22, 22);
        await RunAsync(Compare());
        Assert.Equal(["Raised: Sensor 3: temperature 25, 3 above 22, rule odd"], _told);
        await WriteAsync(20, 21, 22, 22, double.NaN);
        await RunAsync(Compare());
        Assert.Single(_told);
    }

    [Fact]
    public async Task The_alerts_of_a_rule_that_is_removed_or_no_longer_selects_the_sensor_are_cleared()
    {
        await UseAsync("""{"kind":"compare","selector":{"measurement":"temperature"},"above":1}""");
        await RunAsync(Compare());
        await WriteAsync(20, 21, 25, 22, 25);
        await RunAsync(Compare());
        Assert.Equal(2, (await AlertsAsync()).Count(alert => alert.ClearedAt is null));
        await UseAsync("""{"kind":"compare","selector":{"measurement":"temperature","sensors":[1,2,4,5]},"above":1}""");
        await RunAsync(Compare());
        Assert.Equal([5], (await AlertsAsync()).Where(alert => alert.ClearedAt is null).Select(alert => alert.SensorId));
        await Store.Rules.RemoveAsync("odd", null, Stop);
        await RunAsync(Compare());
        Assert.All(await AlertsAsync(), alert => Assert.NotNull(alert.ClearedAt));
        Assert.Equal(2, _told.Count(told => told.EndsWith("rule odd no longer applies", StringComparison.Ordinal)));
        Assert.Empty(_state.JudgedUntil);
    }

    private async Task RunAsync(CompareAlerts compare)
    {
        _clock.Advance(TimeSpan.FromSeconds(2));
        await compare.RunAsync(_state, Stop);
    }

    /// <summary>Starts anew, as after a crash.</summary>
    private CompareAlerts Compare()
    {
        var rules = new RuleDirectory(
            Store.Rules, new(MeasurementSet.Default, Store.Names, Store.Sensors), _clock, NullLogger<RuleDirectory>.Instance);
        rules.ReadAsync(Stop).GetAwaiter().GetResult();
        var settings = new MonitorRules(AlertRules.Default(MeasurementSet.Default), TimeSpan.Zero)
        {
            Period = Period.FromMicros(Quarter),
            Grace = TimeSpan.FromSeconds(10),
        };
        return new(Store, rules, settings, MeasurementSet.Default, this, _clock);
    }

    private async Task UseAsync(string rule) =>
        await Store.Rules.WriteAsync(new("odd", rule, 0, EpochTime.Now(_clock), "ana"), null, Stop);

    /// <summary>Writes the next window of each sensor, and waits until it is final.</summary>
    private async Task WriteAsync(params double[] means)
    {
        var start = EpochTime.Now(_clock) / Quarter * Quarter;
        await Store.WriteAsync(
            means.Index().Where(mean => !double.IsNaN(mean.Item)).Select(mean => WindowRows.Row(
                mean.Index + 1, start: start, statistics: default(RunningStatistics).Add(mean.Item), isFinal: true)).Writes(),
            Stop);
        _clock.SetUtcNow(DateTimeOffset.UnixEpoch.AddMicroseconds(start + Quarter).AddSeconds(15));
    }

    private Task<IReadOnlyList<Alert>> AlertsAsync() => Store.Alerts.QueryAsync(new() { Kind = AlertKind.Compare }, Stop);
}
