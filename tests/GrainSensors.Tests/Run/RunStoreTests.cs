using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Sensors;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Stores;
using GrainSensors.Run;
using GrainSensors.Sensors;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Tests.Run;

/// <summary>Which stores begin with a past.</summary>
public sealed class RunStoreTests : IDisposable
{
    private static readonly Period Minute = Period.FromSeconds(60);

    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_store_has_a_past_and_windows_of_a_minute_and_keeps_them()
    {
        Assert.Equal((true, Minute), await OpenAsync());
        await WriteWindowAsync(Minute);
        Assert.Equal((false, Minute), await OpenAsync());
        Assert.Equal((false, Minute), await OpenAsync(isEmpty: true));
    }

    [Fact]
    public async Task A_store_with_a_window_of_an_earlier_version_stays_as_it_is()
    {
        await WriteWindowAsync(Period.Default);
        Assert.Equal((false, Period.Default), await OpenAsync());
    }

    [Fact]
    public async Task Windows_are_as_configured() =>
        Assert.Equal((true, Period.FromSeconds(3600)), await OpenAsync(settings: ("Period", "PT1H")));

    [Fact]
    public async Task A_store_that_deduplicates_has_the_windows_for_which_that_is_configured() => Assert.Equal(
        (true, Period.Default), await OpenAsync(settings: [("Deduplicate", "true"), ("DeduplicateResolution", "10s")]));

    [Theory]
    [InlineData("Sensors", "0")]
    [InlineData("Retention", "1d")]
    [InlineData("EarliestReading", "2100-01-01T00:00:00Z")]
    [InlineData("Monitor:Webhook:Url", "http://127.0.0.1:9/")]
    public async Task There_is_no_past_that_is_refused_or_that_somebody_is_told_of(string key, string value) =>
        Assert.Equal((false, Period.Default), await OpenAsync(settings: [(key, value)]));

    [Fact]
    public async Task Nobody_at_a_contact_point_is_told_of_a_past() => Assert.Equal(
        (false, Period.Default),
        await OpenAsync(settings:
        [
            ("Contacts:0:Name", "ops"), ("Contacts:0:Kind", "slack"), ("Contacts:0:Secrets:url", "https://hooks.slack.com/services/topsecret"),
        ]));

    [Fact]
    public async Task Nobody_at_a_contact_point_of_the_store_is_told_of_a_past()
    {
        await using (var store = await StoreFactory.OpenAsync(Settings(), Stop))
        {
            await store.Contacts.Points.WriteAsync(new("ops", "slack", IsEnabled: true, "{}", null, 0, "ann"), Stop);
        }

        Assert.Equal((false, Period.Default), await OpenAsync());
    }

    [Fact]
    public async Task A_person_who_wants_none_gets_none() => Assert.Equal((false, Period.Default), await OpenAsync(isEmpty: true));

    [Fact]
    public async Task A_start_that_was_interrupted_before_the_first_window_begins_again()
    {
        await using (var store = await StoreFactory.OpenAsync(Settings(), Stop))
        {
            await ExampleFleet.RegisterWithFaultsAsync(store, 20, 0, MeasurementSet.Default, Stop);
        }

        Assert.Equal((true, Minute), await OpenAsync());
        await using var again = await StoreFactory.OpenAsync(Settings(), Stop);
        var entries = await ExampleFleet.RegisterWithFaultsAsync(again, 20, EpochTime.MicrosPerSecond, MeasurementSet.Default, Stop);
        Assert.Equal(3, entries.Count(entry => LastingFault.Of(entry.Tags).Kind != LastingFaultKind.None));
        Assert.Equal(["stuck"], (await again.Rules.ReadAsync(Stop)).Select(rule => rule.Id));
    }

    public static TheoryData<string> Changes => ["another sensor", "renamed", "tagged", "overridden", "moved"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task What_a_person_has_registered_is_not_mixed_with_a_past(string change)
    {
        var example = SensorFile.ReadExamples()[0];
        var entry = change switch
        {
            "another sensor" => new RegisteredSensor(4711),
            "renamed" => example with { DisplayName = "Roof" },
            "tagged" => example with { Tags = SensorTags.Of([new("room", "kitchen")]) },
            "overridden" => example with { Overrides = """{"temperature":false}""" },
            _ => example with { City = "Lugo" },
        };
        await using (var store = await StoreFactory.OpenAsync(Settings(), Stop))
        {
            await store.Sensors.WriteAsync([entry], Stop);
        }

        Assert.Equal((false, Period.Default), await OpenAsync());
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(bool IsNew, Period Pane)> OpenAsync(bool isEmpty = false, params (string Key, string Value)[] settings)
    {
        var run = await RunStore.OpenAsync(Overrides(settings), isEmpty, null, Stop);
        await using var store = run.Store;
        Assert.Equal(
            run.Settings.Periods.Longer.All.Select(longer => longer.Period), store.MergedWindows.Periods.All.Select(p => p.Period));
        Assert.Equal(run.Settings.Periods.Pane, run.Settings.Ingest.Period);
        return (run.IsNew, run.Settings.Periods.Pane);
    }

    private async Task WriteWindowAsync(Period period)
    {
        await using var store = await StoreFactory.OpenAsync(Settings(), Stop);
        var window = new StoredWindow(
            new(1, period, 0), [new("temperature", new(1, 21.5, 0, 21.5, 21.5))], Marks.Empty, 1, 0, IsFinal: true);
        await store.WriteAsync([new(window, null)], Stop);
    }

    private PipelineSettings Settings() => PipelineSettings.Load(Overrides());

    private Dictionary<string, string?> Overrides(params (string Key, string Value)[] settings) => settings
        .Append(("Store", $"sqlite:{_folder.File("windows.db")}"))
        .ToDictionary(setting => setting.Item1, setting => (string?)setting.Item2);
}
