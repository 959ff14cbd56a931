using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Storage.Batching;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Names;

/// <inheritdoc cref="ISensorNames"/>
internal sealed class SensorNames : ISensorNames
{
    private const int BatchCapacity = 5000;

    /// <summary>A number that is drawn at random is taken once in 20,000 times if 100,000 are in use.</summary>
    private const int Attempts = 20;

    private readonly ISensorNameTable _table;
    private readonly string _store;
    private readonly Func<Guid> _life;
    private readonly SensorNamesOptions _options;
    private readonly BatchLane<Item, NameKey>[] _lanes;
    private readonly NewNames _newNames;
    private KnownNames _known = new(Guid.Empty, 1);
    private long _learned;

    /// <param name="store">The name of the store in messages.</param>
    /// <param name="life">Returns the present life of the store, <see cref="IWindowStore.Life"/>.</param>
    public SensorNames(ISensorNameTable table, string store, Func<Guid> life, SensorNamesOptions? options = null)
    {
        (_table, _store, _life, _options) = (table, store, life, options ?? new());
        _newNames = new(table, _options.Limits, _options.Clock);
        _lanes = [.. Enumerable.Range(0, _options.Lanes).Select(_ => new BatchLane<Item, NameKey>(
            BatchCapacity, item => item.Name, AssignAsync, _options.Start))];
    }

    /// <summary>What memory has of the present life. A number of another life may be that of another name now.</summary>
    private KnownNames Known
    {
        get
        {
            var (known, now) = (Volatile.Read(ref _known), _life());
            if (!_options.Rules.ForgetsNumbers(known.Life, now))
            {
                return known;
            }

            Interlocked.CompareExchange(ref _known, new(now, _options.Capacity), known);
            return Volatile.Read(ref _known);
        }
    }

    public SensorNameLimits Limits => _options.Limits;

    public long Learned => Interlocked.Read(ref _learned);

    public bool TryFind(ReadOnlySpan<byte> name, out int number) => Known.TryFind(name, out number);

    public bool TryFind(int number, out string name) => Known.TryFind(number, out name);

    public ValueTask NumbersOfAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> names, Memory<int> numbers, CancellationToken cancellationToken)
    {
        var known = Known;
        for (var i = 0; i < names.Count; i++)
        {
            if (!known.TryFind(names[i].Span, out numbers.Span[i]))
            {
                return new(AskAsync(names, numbers, cancellationToken));
            }
        }

        return ValueTask.CompletedTask;
    }

    public async Task<int[]> RegisterAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        List<string> wanted = [.. names.Select(name => Parse(Encoding.UTF8.GetBytes(name))).Distinct().Order(StringComparer.Ordinal)];
        var numbers = await AssignAsync(wanted, isLimited: false).WaitAsync(cancellationToken);
        return [.. names.Select(name => numbers[name])];
    }

    public async ValueTask<int[]> FindAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var (known, numbers) = (Known, new int[names.Count]);
        var missing = Enumerable.Range(0, numbers.Length)
            .Where(i => !known.TryFind(Encoding.UTF8.GetBytes(names[i]), out numbers[i])).ToList();
        if (missing.Count > 0)
        {
            var found = await _table.FindAsync([.. missing.Select(i => names[i]).Distinct()]).WaitAsync(cancellationToken);
            Remember(found);
            var byName = found.All.ToDictionary(pair => pair.Name, pair => pair.Number);
            missing.ForEach(i => numbers[i] = byName.GetValueOrDefault(names[i], SensorName.NoNumber));
        }

        return numbers;
    }

    public async ValueTask<string?[]> NamesOfAsync(IReadOnlyList<int> numbers, CancellationToken cancellationToken)
    {
        var (known, names) = (Known, new string?[numbers.Count]);
        var missing = Enumerable.Range(0, names.Length).Where(i => !known.TryFind(numbers[i], out names[i]!)).ToList();
        if (missing.Count > 0)
        {
            var found = await _table.FindAsync([.. missing.Select(i => numbers[i]).Distinct()]).WaitAsync(cancellationToken);
            Remember(found);
            var byNumber = found.All.ToDictionary(pair => pair.Number, pair => pair.Name);
            missing.ForEach(i => names[i] = byNumber.GetValueOrDefault(numbers[i]));
        }

        return names;
    }

    public Task DrainAsync() => Task.WhenAll(_lanes.Select(lane => lane.DrainAsync()));

    private async Task AskAsync(IReadOnlyList<ReadOnlyMemory<byte>> names, Memory<int> numbers, CancellationToken cancellationToken)
    {
        KnownNames known;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            known = Known;
            var missing = new List<int>();
            for (var i = 0; i < names.Count; i++)
            {
                if (!known.TryFind(names[i].Span, out numbers.Span[i]))
                {
                    missing.Add(i);
                }
            }

            if (missing.Count == 0)
            {
                return;
            }

            var call = new BatchCall<int[]>(new int[names.Count], missing.Count);
            var items = missing.ConvertAll(i => new Item(new(Parse(names[i].Span)), call, i));
            foreach (var lane in items.ToLookup(item => SensorShards.Of(names[item.Index].Span) % _lanes.Length))
            {
                _lanes[lane.Key].Add([.. lane]);
            }

            var found = await call.Task.WaitAsync(cancellationToken);
            missing.ForEach(i => numbers.Span[i] = found[i]);
        }
        while (known != Known); // the numbers are of several lives
    }

    private static string Parse(ReadOnlySpan<byte> name) => SensorName.TryParse(name, out var text) ? text : throw new ArgumentException(
        $"The name of a sensor must have 1 to {SensorName.MaxLength} characters, none of them a control or format character; "
        + $"got \"{PrintableText.Preview(name, 80)}\".");

    private async Task AssignAsync(IReadOnlyList<Item> batch)
    {
        try
        {
            var numbers = await AssignAsync([.. batch.Select(item => item.Name.Text).Order(StringComparer.Ordinal)]);
            foreach (var item in batch)
            {
                item.Call.Result[item.Index] = numbers[item.Name.Text];
                item.Call.Complete();
            }
        }
        catch (Exception e)
        {
            foreach (var item in batch)
            {
                item.Call.Fail(e);
            }
        }
    }

    /// <param name="wanted">Distinct ones, sorted: two silos that add the same names wait for each other in the same order.</param>
    private async Task<Dictionary<string, int>> AssignAsync(List<string> wanted, bool isLimited = true)
    {
        var (names, refused) = (wanted, new List<string>());
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = await _table.FindAsync(names);
            var numbers = found.All.ToDictionary(pair => pair.Name, pair => pair.Number);
            var missing = names.Where(name => !numbers.ContainsKey(name)).ToList();
            if (isLimited && attempt == 0 && missing.Count > 0)
            {
                var taken = await _newNames.TakeAsync(missing.Count);
                (missing, refused) = (missing[..taken], missing[taken..]);
                names = [.. names.Except(refused)];
            }

            if (missing.Count == 0)
            {
                Remember(found);
                refused.ForEach(name => numbers.Add(name, SensorName.NoNumber));
                return numbers;
            }

            // A number may be taken, and another silo may add the name at the same time. So what is stored is read back, in a statement
            // that begins after the commit: one that adds and reads at once returns no row for a name that another one is adding.
            var offers = missing.ConvertAll(name => (Name: name, Number: _options.NewNumber(name)));
            await AddAsync(offers, isFirst: isLimited && attempt == 0);
            if (!_options.Rules.ReadsNumbersBack)
            {
                Remember(new(found.Life, offers));
                offers.ForEach(offer => numbers.Add(offer.Name, offer.Number));
                refused.ForEach(name => numbers.Add(name, SensorName.NoNumber));
                return numbers;
            }
        }

        throw new WindowStoreUnavailableException($"The window store {_store} did not keep the numbers of {names.Count} sensor names.");
    }

    private async Task AddAsync(List<(string Name, int Number)> offers, bool isFirst)
    {
        try
        {
            await _table.AddAsync(offers);
            _newNames.Stored(isFirst ? offers.Count : 0);
        }
        catch when (isFirst)
        {
            _newNames.GiveBack(offers.Count);
            throw;
        }
    }

    private void Remember(NumberedNames found)
    {
        var known = Known;
        if (known.Life == found.Life && found.All.Count > 0)
        {
            Interlocked.Increment(ref _learned);
            foreach (var (name, number) in found.All)
            {
                known.Add(name, number);
            }
        }
    }

    private readonly record struct NameKey(string Text);

    private readonly record struct Item(NameKey Name, BatchCall<int[]> Call, int Index);
}
