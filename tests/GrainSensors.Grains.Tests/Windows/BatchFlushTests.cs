using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Tests.Windows;

public sealed class BatchFlushTests : IAsyncLifetime
{
    private static readonly Period Minute = Period.FromSeconds(60);
    private static readonly SourceId Source = new(Guid.Empty, 0);

    private readonly HeldStore _store = new();
    private readonly BatchFlush _flush = new();
    private readonly List<Activation> _grains = [];
    private readonly long?[] _answers = new long?[3];

    public async ValueTask InitializeAsync()
    {
        for (var sensor = 0; sensor < _answers.Length; sensor++)
        {
            var windows = new SensorWindows(sensor, Minute, new(MeasurementSet.Default), ExactnessRules.Default);
            _grains.Add(new(new(windows, _store, Random.Shared.NextInt64)));
            await AddAsync(sensor, offset: sensor);
        }
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Each_answers_what_it_had_seen_when_its_rows_were_copied()
    {
        var flushing = _flush.RunAsync(Source, default, _grains.ToArray(), _answers);
        await AddAsync(1, offset: 10);
        _store.Release();
        await flushing;

        Assert.Equal([0L, 1L, 2L], _answers);
        Assert.Equal([false, true, false], _grains.Select(grain => grain.Windows.HasUnwrittenRows));
        Assert.All(_grains, grain => Assert.True(grain.IsKept));

        Array.Clear(_answers);
        await _flush.RunAsync(Source, default, _grains.ToArray(), _answers);
        Assert.Equal([0L, 10L, 2L], _answers);
        Assert.Equal(
            [1L, 2L, 1L],
            _store.Windows.OrderBy(window => window.Id.SensorId).Select(window => window.Measurements[0].Statistics.Count));
    }

    [Fact]
    public async Task One_that_is_not_there_and_one_that_flushes_already_are_left_to_be_called()
    {
        var called = _grains[2].Calls.FlushAsync(Source, default).AsTask();
        var flushing = _flush.RunAsync(Source, default, new[] { null, _grains[1], _grains[2] }, _answers);
        _store.Release();
        await flushing;

        Assert.Equal([null, 1L, null], _answers);
        Assert.Equal(2, await called);
        Assert.Equal(2, await _grains[2].Calls.FlushAsync(Source, default));
    }

    [Fact]
    public Task A_call_meanwhile_waits_for_the_end_of_the_group_and_writes_what_came_since() => InTurnsAsync(async () =>
    {
        var flushing = _flush.RunAsync(Source, default, _grains.ToArray(), _answers);
        await AddAsync(1, offset: 10);
        var called = _grains[1].Calls.FlushAsync(Source, default).AsTask();
        Assert.False(called.IsCompleted);
        _store.Release();
        await flushing;

        Assert.Equal(10, await called);
        Assert.False(_grains[1].Windows.HasUnwrittenRows);
    });

    [Fact]
    public async Task What_cannot_be_written_fails_the_group_but_no_grain_whose_rows_were_written_and_is_flushed_again()
    {
        _store.FailsFor = 1;
        _store.Release();
        await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => _flush.RunAsync(Source, default, _grains.ToArray(), _answers));

        Assert.Equal([0L, null, 2L], _answers);
        Assert.Equal([false, true, false], _grains.Select(grain => grain.Windows.HasUnwrittenRows));

        _store.FailsFor = null;
        await _flush.RunAsync(Source, default, _grains.ToArray(), _answers);
        Assert.Equal([0L, 1L, 2L], _answers);
    }

    [Fact]
    public async Task A_row_that_is_refused_makes_its_grain_forget_and_vouch_for_nothing()
    {
        _store.Release();
        await _flush.RunAsync(Source, default, _grains.ToArray(), _answers);
        _store.Replace(_store.Windows.Single(window => window.Id.SensorId == 1) with { RowVersion = 42 });
        await AddAsync(1, offset: 10);

        await _flush.RunAsync(Source, default, _grains.ToArray(), _answers);

        Assert.Equal([0L, Marks.None, 2L], _answers);
    }

    [Fact]
    public async Task A_grain_from_before_a_restore_writes_nothing_although_the_store_has_the_row_version_that_it_knows()
    {
        _store.Release();
        _store.Life = Guid.NewGuid();

        await _flush.RunAsync(Source, default, _grains.ToArray(), _answers);

        Assert.Equal([Marks.None, Marks.None, Marks.None], _answers);
        Assert.Empty(_store.Windows);
    }

    /// <summary>Runs what follows an await one at a time, as a grain does: the end of a group and a call that waited for it.</summary>
    private static Task InTurnsAsync(Func<Task> test) => Task.Factory.StartNew(
        test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private async Task AddAsync(int sensor, long offset)
    {
        var reading = new Reading { SensorId = sensor, Timestamp = 1_000_000, Offset = offset, Values = MeasurementValues.None };
        reading.Values[0] = 20;
        var slice = new ReadingSlice(ReadingBatch.Of(reading), 0, 1);
        Assert.Equal(AddStatus.Applied, await _grains[sensor].Calls.AddAsync(Source, slice, Marks.None, default));
    }

    /// <summary>An activation that takes its turns at once.</summary>
    private sealed class Activation(WindowCalls calls) : IWindowActivation
    {
        public WindowCalls Calls => calls;

        public SensorWindows Windows => calls.Windows;

        public WindowFlush Flush => calls.Flush;

        public bool IsKept { get; private set; }

        public void QueueTurn(Action<object> turn, object state) => turn(state);

        public void StayActive() => IsKept = true;
    }

    /// <summary>A store in memory whose writes wait until they are released.</summary>
    private sealed class HeldStore : IWindowStore
    {
        private readonly Dictionary<WindowId, StoredWindow> _windows = [];
        private readonly TaskCompletionSource _released = new();

        /// <summary>To be read while nothing writes.</summary>
        public IEnumerable<StoredWindow> Windows => _windows.Values;

        /// <summary>The sensor whose rows cannot be written.</summary>
        public int? FailsFor { get; set; }

        public string Description => "held";

        public void Release() => _released.SetResult();

        public void Replace(StoredWindow window) => _windows[window.Id] = window;

        public async Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken)
        {
            await _released.Task;
            lock (_windows)
            {
                return [.. writes.Select(Write)];
            }
        }

        public Task<IReadOnlyList<StoredWindow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<StoredWindow>>([.. _windows.Values.Where(window => windows.Contains(window.Id))]);

        public Guid Life { get; set; }

        public Task<Guid> ReadLifeAsync(CancellationToken cancellationToken) => Task.FromResult(Life);

        public Task PrepareAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Checkpoint?> ReadCheckpointAsync(SourceId source, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> WriteCheckpointAsync(Checkpoint checkpoint, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<Refusal>> ReadRefusalsAsync(SourceId source, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> WriteRefusalsAsync(
            SourceId source, IReadOnlyList<Refusal> refusals, IReadOnlyList<long> tokens, Guid life, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public IAsyncEnumerable<WindowRow> QueryAsync(WindowQuery query, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task SetPeriodAsync(Period period, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private WriteOutcome Write(WindowWrite write)
        {
            if (write.Window.Id.SensorId == FailsFor)
            {
                throw new WindowStoreUnavailableException("the store is away");
            }

            if (write.Life != Life || _windows.GetValueOrDefault(write.Window.Id)?.RowVersion != write.ExpectedVersion)
            {
                return WriteOutcome.Refused;
            }

            _windows[write.Window.Id] = write.Window;
            return WriteOutcome.Written;
        }
    }
}
