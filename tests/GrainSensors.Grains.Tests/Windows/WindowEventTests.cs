using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Grains.Windows;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.Grains.Tests.Windows;

public sealed class WindowEventTests : IAsyncLifetime, IWindowEvents
{
    private static readonly Period Minute = Period.FromSeconds(60);
    private static readonly SourceId Source = new(Guid.Empty, 0);

    private readonly string _folder = Directory.CreateTempSubdirectory("grainsensors-events-").FullName;
    private readonly List<WindowRow> _events = [];
    private SqliteWindowStore _store = null!;
    private Func<Task> _announcing = () => Task.CompletedTask;
    private long _offset;

    public async ValueTask InitializeAsync()
    {
        _store = new(Path.Combine(_folder, "windows.db"));
        await _store.PrepareAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_window_is_announced_before_its_row_is_final()
    {
        var windows = Windows();
        await AddAsync(windows, 20, 22);
        await windows.FlushAsync(Source, _store.Life);
        var isFinal = true;
        _announcing = async () => isFinal = (await RowsAsync()).Any(row => row.IsFinal);

        Assert.True(await CloseAsync(windows));

        Assert.False(isFinal);
        var row = Assert.Single(await RowsAsync());
        Assert.True(row.IsFinal);
        var announced = Assert.Single(_events);
        Assert.Equal((row.Key, row.Statistics, row.Revision), (announced.Key, announced.Statistics, announced.Revision));
    }

    [Fact]
    public async Task A_window_that_could_not_be_announced_stays_open_and_is_asked_for_again()
    {
        var windows = Windows();
        await AddAsync(windows, 20);
        _announcing = () => throw new WindowEventsException("The topic is away.");

        Assert.False(await CloseAsync(windows));
        await windows.FlushAsync(Source, _store.Life);
        Assert.DoesNotContain(await RowsAsync(), row => row.IsFinal);

        _announcing = () => Task.CompletedTask;
        Assert.True(await CloseAsync(windows));
        Assert.Single(_events);
    }

    [Fact]
    public async Task A_revision_that_is_stored_and_not_announced_is_found_and_announced_by_the_next_owner()
    {
        var windows = Windows();
        await AddAsync(windows, 20);
        await CloseAsync(windows);
        Assert.Empty(await OpenAsync());
        await AddAsync(windows, 30);
        _announcing = () => throw new WindowEventsException("The topic is away.");
        Assert.False(await CloseAsync(windows));

        // The checkpoint does not wait for the announcement, and the silo dies.
        await windows.FlushAsync(Source, default);
        Assert.Equal([new(7, Minute, 0)], await OpenAsync());
        Assert.True(Assert.Single(await RowsAsync()).IsFinal);

        _announcing = () => Task.CompletedTask;
        Assert.True(await CloseAsync(Windows()));
        Assert.Equal([(0, 1L), (1, 2L)], _events.Select(row => (row.Revision, row.Statistics.Count)));
        Assert.Equal(1, Assert.Single(await RowsAsync()).Revision);
        Assert.Empty(await OpenAsync());
    }

    [Fact]
    public async Task Late_readings_are_announced_as_the_next_revision()
    {
        var windows = Windows();
        await AddAsync(windows, 20);
        await CloseAsync(windows);
        await AddAsync(windows, 30);

        Assert.True(await CloseAsync(windows));

        Assert.Equal([(0, 1L), (1, 2L)], _events.Select(row => (row.Revision, row.Statistics.Count)));
        Assert.Equal(1, Assert.Single(await RowsAsync()).Revision);
    }

    [Fact]
    public async Task No_two_events_of_a_revision_differ_when_readings_come_while_it_is_announced()
    {
        var windows = Windows();
        await AddAsync(windows, 20);
        _announcing = async () =>
        {
            _announcing = () => Task.CompletedTask;
            await AddAsync(windows, 30);
        };
        await CloseAsync(windows);

        // The reading makes the loop ask again.
        Assert.True(await CloseAsync(windows));

        Assert.Equal([(0, 1L), (1, 2L)], _events.Select(row => (row.Revision, row.Statistics.Count)));
        var row = Assert.Single(await RowsAsync());
        Assert.Equal((1, 2L, true), (row.Revision, row.Statistics.Count, row.IsFinal));
    }

    async Task IWindowEvents.AnnounceAsync(IReadOnlyList<WindowRow> rows)
    {
        await _announcing();
        _events.AddRange(rows);
    }

    private WindowCalls Windows() => new(
        new(7, Minute, new(new([new Measurement("temperature", -100, 100)])), ExactnessRules.Default) { Life = _store.Life },
        _store, Random.Shared.NextInt64, this);

    private async Task AddAsync(WindowCalls windows, params double[] temperatures)
    {
        foreach (var temperature in temperatures)
        {
            var reading = new Reading { SensorId = 7, Timestamp = 1_000_000, Offset = _offset++, Values = MeasurementValues.None };
            reading.Values[0] = temperature;
            var slice = new ReadingSlice(ReadingBatch.Of(reading), 0, 1);
            Assert.Equal(AddStatus.Applied, await windows.AddAsync(Source, slice, Marks.None, _store.Life));
        }
    }

    private static async Task<bool> CloseAsync(WindowCalls windows) => await windows.CloseAsync(Source, [0], Marks.None);

    private async Task<List<WindowRow>> RowsAsync() =>
        [.. (await _store.ReadAsync([new(7, Minute, 0)], CancellationToken.None)).SelectMany(window => window.Rows)];

    private async Task<IEnumerable<WindowId>> OpenAsync() =>
        (await _store.ReadOpenAsync(CancellationToken.None)).Select(open => open.Window);
}
