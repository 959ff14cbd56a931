using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The activations of all window grains, more than one for a sensor when the directory is in doubt.</summary>
internal sealed class SimulatedGrains(
    StepScheduler scheduler, Random random, Faults initialFaults, IWindowStore store, MeasurementSet measurements, ExactnessRules rules)
    : ILocalWindowGrains
{
    private readonly Dictionary<(int, Period), List<Activation>> _activations = [];
    private readonly List<Func<Task>> _stray = [];

    /// <summary>Set to none for the quiet end.</summary>
    public Faults Faults { get; set; } = initialFaults;

    /// <summary>Calls that timed out and have not arrived yet.</summary>
    public int StrayCalls => _stray.Count;

    public IWindowGrain Reference(int sensorId, Period period) => new Proxy(this, sensorId, period);

    /// <summary>Any activation there is, or none: a loop is not told at once.</summary>
    public ILocalWindowGrain? Find(int sensorId, Period period) =>
        _activations.TryGetValue((sensorId, period), out var list) && list.Count > 0 && random.Next(4) > 0
            ? list[random.Next(list.Count)]
            : null;

    public Task FlushAsync(SourceId source, ReadOnlyMemory<ILocalWindowGrain?> grains, Memory<long?> answers) =>
        new BatchFlush().RunAsync(source, grains.ToArray().Select(grain => grain as Activation).ToArray<IBatchFlushMember?>(), answers);

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
            _ = Ignore(activation.Windows.FlushAsync(default).AsTask());
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
            // Nobody waits for the answer.
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

        // One that crashes says so in most cases only: whoever knows it may feed it long after others have taken its place.
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
            var windows = new SensorWindows(sensorId, period, measurements, store, rules, random.NextInt64);
            var created = new Activation(this, windows);
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

    /// <summary>One activation; adds wait for each other as in a grain that is not reentrant.</summary>
    private sealed class Activation(SimulatedGrains grains, SensorWindows windows) : ILocalWindowGrain, IBatchFlushMember
    {
        private Task _lastAdd = Task.CompletedTask;

        public bool IsLive { get; set; } = true;

        public void QueueTurn(Action<object> turn, object state) => _ = grains.TakeTurnAsync(turn, state);

        public bool TryAdd(SourceId source, ReadingSlice readings, long previous, out AddStatus status)
        {
            status = default;
            return IsLive && windows.TryAdd(source, readings, previous, out status);
        }

        public SensorWindows Windows => windows;

        public Task<AddStatus> AddAsync(SourceId source, ReadingSlice readings, long previous)
        {
            var add = AfterAsync(_lastAdd, source, readings, previous);
            _lastAdd = add;
            return add;
        }

        public void StayActive()
        {
        }

        private async Task<AddStatus> AfterAsync(Task before, SourceId source, ReadingSlice readings, long previous)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            return await windows.AddAsync(source, readings, previous);
        }
    }

    private sealed class Proxy(SimulatedGrains grains, int sensorId, Period period) : IWindowGrain
    {
        public async ValueTask<AddStatus> Add(SourceId source, ReadingSlice readings, long previous) =>
            await grains.CallAsync(sensorId, period, activation => activation.AddAsync(source, readings, previous));

        public async ValueTask<long> Flush(SourceId source) =>
            await grains.CallAsync(sensorId, period, activation => activation.Windows.FlushAsync(source).AsTask());

        public async ValueTask<bool> Close(SourceId source, long[] starts, long previous) =>
            await grains.CallAsync(sensorId, period, activation => activation.Windows.CloseAsync(source, starts, previous).AsTask());


        public ValueTask Release() => throw new NotSupportedException();
    }
}
