using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Merging;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.Merging;

public sealed class LongerWindowServiceTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly Store _store = new();
    private readonly Events _events = new();
    private readonly RecordedLog<LongerWindowService> _logger = new();
    private readonly LongerWindowService _service;

    public LongerWindowServiceTests() => _service = new(
        _store, _events, Options.Create(new IngestOptions { Grace = TimeSpan.FromSeconds(10) }), _clock, _logger);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task Windows_are_merged_after_their_grace_and_wait_an_hour_for_their_panes()
    {
        await _service.StartAsync(Stop);
        await UntilAsync(() => _store.Runs == 1);
        var ended = EpochTime.From(_clock.GetUtcNow() - TimeSpan.FromSeconds(10));
        Assert.Equal((ended, ended - (3600 * EpochTime.MicrosPerSecond)), _store.Times);
        await StepAsync(runs: 2);
    }

    [Fact]
    public async Task Windows_that_the_slowest_source_has_not_reached_are_not_over()
    {
        _store.StreamTime = EpochTime.From(_clock.GetUtcNow()) - (600 * EpochTime.MicrosPerSecond);
        await _service.StartAsync(Stop);
        await UntilAsync(() => _store.Runs == 1);
        Assert.Equal(_store.StreamTime - (10 * EpochTime.MicrosPerSecond), _store.Times.EndedBy);
    }

    [Fact]
    public async Task Without_longer_periods_the_store_is_asked_now_and_then_only()
    {
        _store.Periods = LongerPeriods.None;
        await _service.StartAsync(Stop);
        await UntilAsync(() => _store.Runs == 1);
        for (var i = 0; i < 14; i++)
        {
            _clock.Advance(Interval);
        }

        Assert.Equal(1, _store.Runs);
        await StepAsync(runs: 2);
    }

    [Fact]
    public async Task An_event_that_Kafka_does_not_take_is_announced_again_and_the_others_are_not()
    {
        _store.Due.AddRange([Window(1), Window(2), Window(3)]);
        _events.Refused = 2;
        await _service.StartAsync(Stop);
        await UntilAsync(() => _store.Due.Count == 1);
        await UntilAsync(() => _logger.Lines.Count == 1);
        await StepAsync(runs: 2);
        Assert.Equal([1, 2, 3, 2], _events.Announced.Select(window => window.Id.SensorId));

        // The same failure is logged once.
        Assert.Single(_logger.Lines);
        _events.Refused = null;
        await StepAsync(runs: 3);
        await UntilAsync(() => _store.Due.Count == 0);
    }

    [Fact]
    public async Task A_store_that_is_away_is_asked_again()
    {
        _store.Failure = "The store is away.";
        await _service.StartAsync(Stop);
        await UntilAsync(() => _logger.Lines.Count == 1);
        Assert.Contains("The store is away.", _logger.Lines[^1], StringComparison.Ordinal);
        _store.Failure = null;
        await StepAsync(runs: 1);
    }

    private static MergedWindow Window(int sensorId) => new(
        new(sensorId, new(Period.Default), 0), new(Period.Parse("PT1M")), MergedStatistics.Of([]), 1, 0, true, false);

    private static Task UntilAsync(Func<bool> condition) => Until.Async(condition, () => "not so", TimeSpan.FromSeconds(20));

    /// <summary>Lets time go on until the service has run so often.</summary>
    private Task StepAsync(int runs) => UntilAsync(() =>
    {
        if (_store.Runs < runs)
        {
            _clock.Advance(Interval);
        }

        return _store.Runs >= runs;
    });

    private sealed class Events : ILongerWindowEvents
    {
        public int? Refused { get; set; }

        public List<MergedWindow> Announced { get; } = [];

        public Task AnnounceAsync(MergedWindow window)
        {
            Announced.Add(window);
            return window.Id.SensorId == Refused ? Task.FromException(new WindowEventsException("Kafka is away.")) : Task.CompletedTask;
        }
    }

    private sealed class Store : IMergedWindowStore
    {
        public LongerPeriods Periods { get; set; } = new(Period.Parse("PT1M"), [new(Period.Default)]);

        public string? Failure { get; set; }

        public int Runs { get; private set; }

        public (long EndedBy, long WaitFrom) Times { get; private set; }

        public List<MergedWindow> Due { get; } = [];

        public Task<LongerPeriods> ReadPeriodsAsync(CancellationToken cancellationToken) => Failure is null
            ? Task.FromResult(Periods)
            : Task.FromException<LongerPeriods>(new WindowStoreUnavailableException(Failure));

        public async Task<bool> TryRunAsync(Func<Task> merge, CancellationToken cancellationToken)
        {
            try
            {
                await merge();
                return true;
            }
            finally
            {
                Runs++;
            }
        }

        public long? StreamTime { get; set; }

        public Task SetPeriodsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long?> ReadStreamTimeAsync(long since, CancellationToken cancellationToken) => Task.FromResult(StreamTime);

        public Task<IReadOnlyList<StaleWindow>> ReadStaleAsync(
            long endedBy, long waitFrom, MergedWindowId? after, int limit, CancellationToken cancellationToken)
        {
            Times = (endedBy, waitFrom);
            return Task.FromResult<IReadOnlyList<StaleWindow>>([]);
        }

        public Task<IReadOnlyList<MergedWindow>> ReadDueAsync(int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<MergedWindow>>([.. Due]);

        public Task AnnouncedAsync(IReadOnlyList<MergedWindow> windows, CancellationToken cancellationToken)
        {
            Due.RemoveAll(windows.Contains);
            return Task.CompletedTask;
        }

        public Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowMerge> merges, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<MergedWindow>> ReadAsync(IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<StaleWindow>> ReadMergedAsync(
            IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<MergedWindowId>> MarkStaleAsync(
            IReadOnlyList<MergedWindowId> windows, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<MergedWindow> QueryAsync(
            IReadOnlyList<int>? sensorIds, WindowPeriod period, long from, long to, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
