using System.Text;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Storage.Tests.Names;

/// <summary>What the silo remembers of names, over a table in memory.</summary>
public sealed class NamesInMemoryTests
{
    private readonly Table _table = new();
    private readonly SensorNames _names;

    public NamesInMemoryTests() => _names = new(_table, "test", () => _table.Life, new() { Lanes = 1, NewNumber = _ => --_table.Last });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_known_name_is_found_without_a_statement_and_without_an_allocation()
    {
        var names = Enumerable.Range(0, 100).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"sensor-{i}")).ToList();
        var numbers = new int[names.Count];
        await _names.NumbersOfAsync(names, numbers, Stop);
        var statements = _table.Statements;
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var found = _names.NumbersOfAsync(names, numbers, Stop);
            var isFound = _names.TryFind("sensor-7"u8, out var number);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(found.IsCompletedSuccessfully);
            Assert.Equal((true, numbers[7]), (isFound, number));
            Assert.True(round == 0 || allocated == 0, $"{allocated} bytes");
        }

        Assert.Equal(["sensor-7", "sensor-9"], await _names.NamesOfAsync([numbers[7], numbers[9]], Stop));
        Assert.Equal(statements, _table.Statements);
    }

    [Fact]
    public async Task After_a_restore_a_name_is_asked_for_again()
    {
        var before = await NumberAsync("boiler");
        _table.Restore();
        Assert.False(_names.TryFind("boiler"u8, out _));
        Assert.Equal([null], await _names.NamesOfAsync([before], Stop));
        Assert.NotEqual(before, await NumberAsync("boiler"));
    }

    [Fact]
    public async Task An_answer_from_before_a_restore_is_not_remembered()
    {
        var before = await NumberAsync("boiler");
        var other = new SensorNames(_table, "test", () => _table.Life, new());
        _table.Answering = () => _table.Restore();
        Assert.Equal(["boiler"], await other.NamesOfAsync([before], Stop));
        Assert.False(other.TryFind("boiler"u8, out _));
    }

    [Fact]
    public async Task A_failure_fails_its_callers_and_the_next_call_asks_again()
    {
        _table.Answering = () => throw new WindowStoreUnavailableException("down");
        await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => NumberAsync("boiler"));
        var number = await NumberAsync("boiler");
        Assert.Equal(_table.Numbers["boiler"], number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\u0001")]
    [InlineData("a\u0085b")]
    [InlineData("a\u200Bb")]
    public async Task An_invalid_name_is_refused(string name)
    {
        var e = await Assert.ThrowsAsync<ArgumentException>(() => NumberAsync(name));
        Assert.Contains("must have 1 to 200 characters", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, _table.Statements);
    }

    [Fact]
    public async Task New_names_are_limited_by_minute_and_in_all_and_known_ones_go_on()
    {
        var clock = new FakeTimeProvider();
        var names = new SensorNames(
            _table, "test", () => _table.Life, new() { Lanes = 1, Limits = new() { NewPerMinute = 2, Max = 5 }, Clock = clock });
        Assert.Equal([true, true, false], await AreGivenAsync(names, "a", "b", "c"));
        Assert.Equal([true, false, true], await AreGivenAsync(names, "a", "c", "b"));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([true, true, false], await AreGivenAsync(names, "c", "d", "e"));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([true, false], await AreGivenAsync(names, "e", "f"));
        Assert.Equal(5, _table.Numbers.Count);
    }

    [Fact]
    public async Task Names_that_are_stored_while_others_are_counted_count_once_at_least()
    {
        var clock = new FakeTimeProvider();
        var names = new NewNames(_table, new() { Max = 10 }, clock);
        Assert.Equal(4, await names.TakeAsync(4));
        await _table.AddAsync([("a", -2), ("b", -3), ("c", -4)]);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(3, await names.TakeAsync(5));
        names.Stored(7);
        await _table.AddAsync([("d", -5), ("e", -6), ("f", -7), ("g", -8)]);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(3, await names.TakeAsync(5));
    }

    [Fact]
    public async Task A_name_that_could_not_be_stored_counts_for_no_limit()
    {
        var names = new SensorNames(
            _table, "test", () => _table.Life,
            new() { Lanes = 1, Limits = new() { NewPerMinute = 2, Max = 2 }, Clock = new FakeTimeProvider() });
        _table.IsReadOnly = true;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => AreGivenAsync(names, "a", "b"));
        }

        _table.IsReadOnly = false;
        Assert.Equal([true, true, false], await AreGivenAsync(names, "a", "b", "c"));
    }

    [Fact]
    public async Task Without_registration_no_new_name_gets_a_number()
    {
        await NumberAsync("boiler");
        var names = new SensorNames(_table, "test", () => _table.Life, new() { Lanes = 1, Limits = new() { IsOpen = false } });
        Assert.Equal([true, false], await AreGivenAsync(names, "boiler", "pump"));
        IEnumerable<int> found = await names.FindAsync(["boiler", "pump"], Stop);
        Assert.Equal([_table.Numbers["boiler"], SensorName.NoNumber], found);
    }

    [Fact]
    public async Task A_number_has_the_shard_of_its_name()
    {
        var names = new SensorNames(_table, "test", () => _table.Life, new() { Lanes = 1 });
        string[] all = [.. Enumerable.Range(0, 200).Select(i => $"sensor-{i}")];
        await AreGivenAsync(names, all);
        Assert.All(all, name => Assert.Equal(SensorShards.Of(Encoding.UTF8.GetBytes(name)), SensorShards.Of(_table.Numbers[name])));
    }

    [Fact]
    public void A_table_finds_each_of_many_names_and_their_numbers()
    {
        var table = new NameTable(50_000);
        string[] names = [.. Enumerable.Range(0, 50_000).Select(i => $"{new string('x', i % 90)}{i}")];
        for (var i = 0; i < names.Length; i++)
        {
            Assert.False(table.TryFind(Encoding.UTF8.GetBytes(names[i]), HashOf(names[i]), out _));
            Assert.True(table.TryAdd(Encoding.UTF8.GetBytes(names[i]), HashOf(names[i]), -2 - i));
        }

        Assert.False(table.TryAdd("one more"u8, HashOf("one more"), -1_000_000));
        for (var i = 0; i < names.Length; i++)
        {
            Assert.True(table.TryFind(Encoding.UTF8.GetBytes(names[i]), HashOf(names[i]), out var number));
            Assert.True(table.TryFind(-2 - i, out var name));
            Assert.Equal((-2 - i, names[i]), (number, name));
        }

        static uint HashOf(string name) => NameTable.HashOf(Encoding.UTF8.GetBytes(name));
    }

    [Fact]
    public void Names_of_the_same_hash_are_told_apart()
    {
        var table = new NameTable(10);
        Assert.True(table.TryAdd("boiler"u8, 7, -2));
        Assert.True(table.TryAdd("pump"u8, 7, -3));
        Assert.Equal((true, -2), (table.TryFind("boiler"u8, 7, out var boiler), boiler));
        Assert.Equal((true, -3), (table.TryFind("pump"u8, 7, out var pump), pump));
        Assert.False(table.TryFind("fan"u8, 7, out _));
    }

    [Fact]
    public void A_table_that_long_names_fill_takes_no_more()
    {
        var table = new NameTable(1000);
        var longest = Encoding.UTF8.GetBytes(new string('x', SensorName.MaxBytes - 4));
        var added = 0;
        while (table.TryAdd([.. longest, .. Encoding.UTF8.GetBytes($"{added:0000}")], (uint)added, -2 - added))
        {
            added++;
        }

        Assert.InRange(added, 50, 200);
        Assert.True(table.TryFind(-2, out _));
    }

    [Fact]
    public void Names_that_are_used_stay_in_memory_when_others_come()
    {
        var known = new KnownNames(Guid.NewGuid(), 100);
        known.Add("in use", -2);
        for (var i = 0; i < 1000; i++)
        {
            known.Add($"other-{i}", -3 - i);
            Assert.True(known.TryFind("in use"u8, out var number));
            Assert.Equal(-2, number);
        }

        Assert.InRange(Enumerable.Range(0, 1000).Count(i => known.TryFind(-3 - i, out _)), 100, 200);
    }

    [Fact]
    public async Task Readers_find_what_a_writer_has_added_meanwhile()
    {
        const int Count = 100_000;
        var known = new KnownNames(Guid.NewGuid(), Count);
        var added = 0;
        var readers = Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            while (Volatile.Read(ref added) is var until && until < Count)
            {
                var i = random.Next(until + 1);
                var isFound = known.TryFind(Encoding.UTF8.GetBytes($"sensor-{i}"), out var number);
                Assert.True(isFound ? number == -2 - i : i >= until, $"sensor-{i} of {until}");
            }
        })).ToArray();
        for (var i = 0; i < Count; i++)
        {
            known.Add($"sensor-{i}", -2 - i);
            Volatile.Write(ref added, i + 1);
        }

        await Task.WhenAll(readers);
    }

    private static async Task<IEnumerable<bool>> AreGivenAsync(SensorNames names, params string[] wanted)
    {
        var numbers = new int[wanted.Length];
        await names.NumbersOfAsync([.. wanted.Select(name => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(name))], numbers, Stop);
        return Array.ConvertAll(numbers, SensorName.IsNumber);
    }

    private async Task<int> NumberAsync(string name)
    {
        var numbers = new int[1];
        await _names.NumbersOfAsync([Encoding.UTF8.GetBytes(name)], numbers, Stop);
        return numbers[0];
    }

    private sealed class Table : ISensorNameTable
    {
        public Dictionary<string, int> Numbers { get; private set; } = [];

        public Guid Life { get; private set; } = Guid.NewGuid();

        public int Last { get; set; } = -1;

        public int Statements { get; private set; }

        public bool IsReadOnly { get; set; }

        /// <summary>Runs once, after the next search.</summary>
        public Action? Answering { get; set; }

        public void Restore() => (Numbers, Life) = ([], Guid.NewGuid());

        public Task<long> CountAsync() => Task.FromResult((long)Numbers.Count);

        public Task AddAsync(IReadOnlyList<(string Name, int Number)> offers)
        {
            Statements++;
            if (IsReadOnly)
            {
                throw new WindowStoreUnavailableException("read-only");
            }

            foreach (var (name, number) in offers)
            {
                Numbers.TryAdd(name, number);
            }

            return Task.CompletedTask;
        }

        public Task<NumberedNames> FindAsync(IReadOnlyList<string> names) => AnswerAsync(pair => names.Contains(pair.Key));

        public Task<NumberedNames> FindAsync(IReadOnlyList<int> numbers) => AnswerAsync(pair => numbers.Contains(pair.Value));

        private async Task<NumberedNames> AnswerAsync(Func<KeyValuePair<string, int>, bool> isWanted)
        {
            Statements++;
            var answer = new NumberedNames(Life, [.. Numbers.Where(isWanted).Select(pair => (pair.Key, pair.Value))]);
            var answering = Answering;
            Answering = null;
            await Task.Yield();
            answering?.Invoke();
            return answer;
        }
    }
}
