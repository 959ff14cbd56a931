using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Storage.Names;

namespace GrainSensors.Storage.Tests.Names;

/// <summary>The numbers of sensor names, tested on each database.</summary>
public abstract class SensorNameTests : IAsyncLifetime
{
    private const int Writers = 20;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <returns>Names with a memory of their own, as another silo has them.</returns>
    internal abstract SensorNames Open(SensorNamesOptions? options = null);

    protected abstract Task<List<object?[]>> SelectAsync(string sql);

    [Fact]
    public async Task A_name_keeps_its_number()
    {
        var first = Open();
        var numbers = await NumbersAsync(first, "boiler", "Küche", "boiler", "🌡");
        Assert.Equal(numbers[0], numbers[2]);
        Assert.Equal(3, numbers.Distinct().Count());
        Assert.All(numbers, number => Assert.True(SensorName.IsNumber(number), $"{number}"));
        Assert.True(first.TryFind("Küche"u8, out var known));
        Assert.Equal(numbers[1], known);

        Assert.Equal(numbers, await NumbersAsync(Open(), "boiler", "Küche", "boiler", "🌡"));
        Assert.Equal(["Küche", "boiler", null], await Open().NamesOfAsync([numbers[1], numbers[0], 7], Stop));
    }

    [Fact]
    public async Task Twenty_writers_of_overlapping_names_agree_on_the_number_of_each()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var (random, names, found) = (new Random(writer), Open(), new Dictionary<string, int>());
            for (var batch = 0; batch < 20; batch++)
            {
                string[] wanted = [.. Enumerable.Range(0, 30).Select(_ => $"sensor-{random.Next(600)}").Append($"own-{writer}-{batch}")];
                var numbers = await NumbersAsync(names, wanted);
                for (var i = 0; i < wanted.Length; i++)
                {
                    Assert.Equal(numbers[i], found.TryAdd(wanted[i], numbers[i]) ? numbers[i] : found[wanted[i]]);
                }
            }

            return found;
        })));

        var stored = (await SelectAsync("SELECT name, number FROM sensor_names"))
            .ToDictionary(row => (string)row[0]!, row => Convert.ToInt32(row[1], null));
        var used = results.SelectMany(found => found).ToHashSet();
        Assert.Equal(used.Count, used.Select(pair => pair.Key).Distinct().Count());
        Assert.Equal(stored.OrderBy(pair => pair.Key, StringComparer.Ordinal), used.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(stored.Count, stored.Values.Distinct().Count());
        Assert.Contains("own-19-19", stored);
    }

    [Fact]
    public async Task A_name_whose_random_number_is_taken_gets_another_one()
    {
        var next = -2;
        var offers = new Queue<int>([-9, -9, -9, -9, -9]);
        var names = Open(new() { Lanes = 1, NewNumber = _ => offers.TryDequeue(out var number) ? number : --next });
        Assert.Equal(-9, Assert.Single(await NumbersAsync(names, "first")));
        var numbers = await NumbersAsync(names, "second", "third");
        Assert.Equal(2, numbers.Where(SensorName.IsNumber).Distinct().Count());
        Assert.DoesNotContain(-9, numbers);
        Assert.Empty(offers);
    }

    [Fact]
    public async Task Names_that_do_not_fit_into_memory_are_found_all_the_same()
    {
        var names = Open(new() { Capacity = 3 });
        string[] all = [.. Enumerable.Range(0, 10).Select(i => $"sensor-{i}")];
        var numbers = await NumbersAsync(names, all);
        Assert.Equal(numbers, await NumbersAsync(names, all));
        Assert.Equal(all, await names.NamesOfAsync(numbers, Stop));
        Assert.InRange(all.Count(name => names.TryFind(Encoding.UTF8.GetBytes(name), out _)), 3, 6);
    }

    [Theory]
    [InlineData("INSERT INTO sensor_names (number, name, created_at) VALUES (-1, 'x', {0})")]
    [InlineData("INSERT INTO sensor_names (number, name, created_at) VALUES (5, 'x', {0})")]
    [InlineData("INSERT INTO sensor_names (number, name, created_at) VALUES (-5, '', {0})")]
    [InlineData("INSERT INTO sensor_names (number, name, created_at) VALUES (-5, '{1}', {0})")]
    [InlineData("INSERT INTO sensor_names (number, name, created_at) VALUES (-5, 'x', {0}), (-6, 'x', {0})")]
    [InlineData("INSERT INTO sensor_names (number, name, created_at) VALUES (-5, 'x', {0}), (-5, 'y', {0})")]
    public async Task The_table_refuses_what_is_neither_a_name_nor_a_number_of_one(string sql)
    {
        var now = this is PostgresSensorNameTests ? "now()" : "0";
        await Assert.ThrowsAnyAsync<Exception>(() => SelectAsync(
            sql.Replace("{0}", now, StringComparison.Ordinal).Replace("{1}", new string('x', 201), StringComparison.Ordinal)));
        Assert.Empty(await SelectAsync("SELECT number FROM sensor_names"));
    }

    protected static async Task<int[]> NumbersAsync(ISensorNames names, params string[] wanted)
    {
        var numbers = new int[wanted.Length];
        await names.NumbersOfAsync([.. wanted.Select(name => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(name))], numbers, Stop);
        return numbers;
    }
}
