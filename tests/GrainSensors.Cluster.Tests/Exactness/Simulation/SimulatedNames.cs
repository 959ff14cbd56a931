using GrainSensors.Core.Exactness;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>What a simulation does with names, and the rules of the database that it may leave out.</summary>
internal sealed record Naming
{
    /// <summary>A number that is read back was committed before. If not, a crash of the database may take it back.</summary>
    public bool IsCommitted { get; init; } = true;

    /// <summary>A restored database has all names of its rows.</summary>
    public bool IsRestoredWithRows { get; init; } = true;

    /// <summary>A silo gives a new name a number at some times only.</summary>
    public bool IsLimited { get; init; }
}

/// <summary>The names of a <see cref="SimulatedStore"/>, which are restored with its rows.</summary>
internal sealed class SimulatedNames(StepScheduler scheduler, Random random, Faults faults, SimulatedStore store, Naming naming)
    : ISensorNameTable
{
    private const int Silos = 2;

    private readonly HashSet<string> _uncommitted = [];
    private readonly SensorNames?[] _memories = new SensorNames?[Silos];

    public Dictionary<string, int> Numbers { get; private set; } = [];

    /// <returns>The memory of one of the silos.</returns>
    public SensorNames Open(ExactnessRules rules, TimeProvider clock) =>
        _memories[random.Next(Silos)] ??= new(this, "simulated", () => store.Life, new()
        {
            Capacity = 1,
            NewNumber = _ => -random.Next(2, int.MaxValue),
            Limits = naming.IsLimited ? new() { NewPerMinute = random.Next(3), IsOpen = random.Next(4) > 0 } : new(),
            Clock = clock,
            Rules = rules,
            Start = work => work(),
        });

    public Dictionary<string, int> BackUp() => Numbers.Where(pair => !_uncommitted.Contains(pair.Key)).ToDictionary();

    /// <param name="backups">The names of each backup, up to the one whose rows are restored.</param>
    public void Restore(IReadOnlyList<Dictionary<string, int>> backups)
    {
        // Names may be newer than rows.
        var names = !naming.IsRestoredWithRows ? backups[random.Next(backups.Count)]
            : random.Next(2) == 0 ? BackUp()
            : backups[^1];
        Numbers = new(names);
        _uncommitted.Clear();
    }

    public Task<long> CountAsync() => Task.FromResult((long)Numbers.Count);

    public async Task AddAsync(IReadOnlyList<(string Name, int Number)> offers)
    {
        await WaitAsync();
        foreach (var (name, number) in offers)
        {
            if (!Numbers.ContainsValue(number) && Numbers.TryAdd(name, number) && !naming.IsCommitted)
            {
                _uncommitted.Add(name);
            }
        }

        await WaitAsync();
        if (_uncommitted.Count > 0)
        {
            _ = CommitAsync([.. _uncommitted]);
        }
    }

    public Task<NumberedNames> FindAsync(IReadOnlyList<string> names) => FindAsync(pair => names.Contains(pair.Key));

    public Task<NumberedNames> FindAsync(IReadOnlyList<int> numbers) => FindAsync(pair => numbers.Contains(pair.Value));

    private async Task<NumberedNames> FindAsync(Func<KeyValuePair<string, int>, bool> isWanted)
    {
        await WaitAsync();
        var found = new NumberedNames(store.ReadLife(), [.. Numbers.Where(isWanted).Select(pair => (pair.Key, pair.Value))]);
        await WaitAsync();
        return found;
    }

    private async Task CommitAsync(string[] names)
    {
        for (var turns = random.Next(20); turns > 0; turns--)
        {
            await scheduler.YieldAsync();
        }

        var isLost = random.Next(4) == 0;
        foreach (var name in names.Where(_uncommitted.Remove))
        {
            if (isLost)
            {
                Numbers.Remove(name);
            }
        }
    }

    private async Task WaitAsync()
    {
        for (var turns = random.Next(4); turns > 0; turns--)
        {
            await scheduler.YieldAsync();
        }

        if (random.NextDouble() < faults.StoreFailure)
        {
            throw new WindowStoreUnavailableException("The simulated store has failed.");
        }
    }
}
