using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The activations of all window grains; a fault can create several for one sensor.</summary>
internal sealed class SimulatedGrains(
    StepScheduler scheduler, Random random, Faults initialFaults, IWindowStore store, MeasurementCatalog catalog, ExactnessRules rules,
    Deduplication? deduplication)
    : ILocalWindowGrains
{
    private readonly Dictionary<(int, Period), List<Activation>> _activations = [];
    private readonly List<Func<Task>> _stray = [];

    /// <summary>The current faults; none in the quiet end.</summary>
    public Faults Faults { get; set; } = initialFaults;

    /// <summary>Calls that timed out and have not arrived yet.</summary>
    public int StrayCalls => _stray.Count;

    /// <summary>The measurements of the silos of the grains. Null: they are those of the loops.</summary>
    public Func<MeasurementCatalog>? CatalogOfGrain { get; init; }

    /// <param name="caller">The measurements of the caller's silo. Null: all are declared.</param>
    public IWindowGrain Reference(int sensorId, Period period, MeasurementCatalog? caller = null) =>
        new Proxy(this, sensorId, period, caller);

    /// <summary>Any activation, or none: a loop learns of an activation with a delay.</summary>
    public ILocalWindowGrain? Find(int sensorId, Period period) =>
        _activations.TryGetValue((sensorId, period), out var list) && list.Count > 0 && random.Next(4) > 0
            ? list[random.Next(list.Count)]
            : null;

    public Task FlushAsync(SourceId source, Guid life, ReadOnlyMemory<ILocalWindowGrain?> grains, Memory<long?> answers) =>
        new BatchFlush().RunAsync(
            source, life, grains.ToArray().Select(grain => grain as Activation).ToArray<IWindowActivation?>(), answers);

    public void DeliverStrayCall()
    {
        var at = random.Next(_stray.Count);
        var call = _stray[at];
        _stray.RemoveAt(at);
        _ = Ignore(call());
    }

    public void Crash()
    {
        if (Pick() is { } activation)
        {
            Remove(activation);
        }
    }

    public void Evict()
    {
        if (Pick() is { } activation)
        {
            Remove(activation);
            _ = Ignore(activation.Calls.FlushAsync(default, default).AsTask());
        }
    }

    private static async Task Ignore(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is WindowStoreUnavailableException or TimeoutException)
        {
            // The caller has given up on the answer.
        }
    }

    private Activation? Pick()
    {
        var all = _activations.Values.SelectMany(list => list).ToList();
        return all.Count == 0 ? null : all[random.Next(all.Count)];
    }

    private void Remove(Activation activation)
    {
        foreach (var list in _activations.Values)
        {
            list.Remove(activation);
        }

        // A crashed activation is known to have ended in most cases only: a loop may feed it long after another has replaced it.
        activation.IsLive = random.Next(4) == 0;
    }

    private Activation ActivationOf(int sensorId, Period period)
    {
        if (!_activations.TryGetValue((sensorId, period), out var list))
        {
            _activations.Add((sensorId, period), list = []);
        }

        if (list.Count == 0 || (list.Count < 2 && random.NextDouble() < Faults.DuplicateActivation))
        {
            var known = CatalogOfGrain?.Invoke() ?? catalog;
            var windows = new SensorWindows(sensorId, period, known, rules, deduplication) { Life = store.Life };
            var created = new Activation(this, new(windows, store, random.NextInt64), known);
            windows.Stale += () => Remove(created);
            list.Add(created);
        }

        return random.NextDouble() < 0.8 ? list[0] : list[random.Next(list.Count)];
    }

    private async Task<T> CallAsync<T>(int sensorId, Period period, Func<Activation, Task<T>> call)
    {
        for (var turns = random.Next(3); turns > 0; turns--)
        {
            await scheduler.YieldAsync();
        }

        if (random.NextDouble() < Faults.LostCall)
        {
            throw new TimeoutException("The call was lost.");
        }

        if (random.NextDouble() < Faults.DelayedCall)
        {
            _stray.Add(() => call(ActivationOf(sensorId, period)));
            throw new TimeoutException("The call is delayed.");
        }

        var result = await call(ActivationOf(sensorId, period));
        await scheduler.YieldAsync();
        if (random.NextDouble() < Faults.LostAnswer)
        {
            throw new TimeoutException("The answer was lost.");
        }

        return result;
    }

    private async Task TakeTurnAsync(Action<object> turn, object state)
    {
        for (var turns = random.Next(1, 4); turns > 0; turns--)
        {
            await scheduler.YieldAsync();
        }

        turn(state);
    }

    private IWindowStore StoreOf => store;

    /// <summary>One activation; adds wait for each other as in a grain that is not reentrant.</summary>
    private sealed class Activation(SimulatedGrains grains, WindowCalls calls, MeasurementCatalog catalog)
        : ILocalWindowGrain, IWindowActivation
    {
        private Task _lastAdd = Task.CompletedTask;

        public bool IsLive { get; set; } = true;

        public void QueueTurn(Action<object> turn, object state) => _ = grains.TakeTurnAsync(turn, state);

        public bool TryAdd(SourceId source, ReadingSlice readings, long previous, Guid life, out AddStatus status)
        {
            status = default;
            return IsLive && Windows.TryAdd(source, readings, previous, life, out status);
        }

        public WindowCalls Calls => calls;

        public SensorWindows Windows => calls.Windows;

        public WindowFlush Flush => calls.Flush;

        /// <summary>Passes readings from silo to silo, as messages do.</summary>
        public ReadingSlice Receive(ReadingSlice readings, MeasurementCatalog? caller) => caller is null
            ? readings
            : new ReadingSliceConverter(catalog).ConvertFromSurrogate(new ReadingSliceConverter(caller).ConvertToSurrogate(readings));

        public Task<AddStatus> AddAsync(SourceId source, ReadingSlice readings, long previous, Guid life)
        {
            var add = AfterAsync(_lastAdd, source, readings, previous, life);
            _lastAdd = add;
            return add;
        }

        public void StayActive()
        {
        }

        private async Task<AddStatus> AfterAsync(Task before, SourceId source, ReadingSlice readings, long previous, Guid life)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (life != Windows.Life)
            {
                await grains.StoreOf.ReadLifeAsync(CancellationToken.None);
            }

            return await calls.AddAsync(source, readings, previous, life);
        }
    }

    private sealed class Proxy(SimulatedGrains grains, int sensorId, Period period, MeasurementCatalog? caller) : IWindowGrain
    {
        public async ValueTask<AddStatus> Add(SourceId source, ReadingSlice readings, long previous, Guid life) =>
            await grains.CallAsync(
                sensorId, period, activation => activation.AddAsync(source, activation.Receive(readings, caller), previous, life));

        public async ValueTask<long> Flush(SourceId source, Guid life) =>
            await grains.CallAsync(sensorId, period, activation => activation.Calls.FlushAsync(source, life).AsTask());

        public async ValueTask<bool> Close(SourceId source, long[] starts, long previous) =>
            await grains.CallAsync(sensorId, period, activation => activation.Calls.CloseAsync(source, starts, previous).AsTask());

        public ValueTask Release() => throw new NotSupportedException();
    }
}
