using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Time.Testing;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>The contract of a window store, tested on each database.</summary>
public abstract partial class WindowStoreTests : IAsyncLifetime
{
    private IStore? _store;

    protected FakeTimeProvider Clock { get; } = new(Now);

    /// <summary>A short retention, and so few partitions, which most tests do not use.</summary>
    protected WindowStoreOptions Options { get; } = new() { Retention = TimeSpan.FromDays(2) };

    protected IStore Store => _store!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        _store = await OpenAsync();
        await _store.PrepareAsync(Stop);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>A store on the database of this test, which is empty at first.</returns>
    protected abstract Task<IStore> OpenAsync();

    protected abstract Task<List<object?[]>> SelectAsync(string sql);

    [Fact]
    public async Task A_row_whose_marks_are_damaged_is_named_with_the_cure()
    {
        await Store.WriteAsync([Row(17, marks: Marks.Empty.Raise(new(Guid.NewGuid(), 3), 42)).Write()], Stop);
        await SelectAsync("UPDATE windows SET marks = substr(marks, 1, 5)");
        var error = await Assert.ThrowsAsync<WindowStoreUnavailableException>(
            () => Store.ReadAsync([new(17, Period.Default, Start)], Stop));
        Assert.Contains("sensor 17 and the window that starts at 2026-11-24T10:15:00Z", error.Message, StringComparison.Ordinal);
        Assert.Contains("Delete a damaged row", error.Message, StringComparison.Ordinal);

        await SelectAsync("UPDATE windows SET marks = substr(marks, 1, 0)");
        Assert.Equal(Marks.Empty, Assert.Single(await Store.ReadAsync([new(17, Period.Default, Start)], Stop)).Marks);
    }

    [Fact]
    public async Task A_new_row_is_written_and_read_back()
    {
        var row = Row(revision: 2, isFinal: true);
        Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(row));
        Assert.Equal([row], await Store.ReadAsync(row));
        Assert.Empty(await Store.ReadAsync(Row(sensor: 8)));
    }

    [Fact]
    public async Task A_row_is_replaced_only_with_its_row_version()
    {
        var (first, second) = (Row(token: 1), Row(token: 2, statistics: new(4, 20, 1, 19, 21), revision: 1));
        await Store.WriteAsync(first);
        Assert.Equal(WriteOutcome.Refused, await Store.WriteAsync(second, expected: 3));
        Assert.Equal([first], await Store.ReadAsync(first));
        Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(second, expected: 1));
        Assert.Equal(WriteOutcome.Refused, await Store.WriteAsync(Row(token: 3), expected: 1));
        Assert.Equal([second], await Store.ReadAsync(first));
    }

    [Fact]
    public async Task A_new_row_does_not_replace_an_existing_one()
    {
        await Store.WriteAsync(Row(token: 1));
        Assert.Equal(WriteOutcome.Refused, await Store.WriteAsync(Row(token: 2)));
        Assert.Equal(1, Assert.Single(await Store.ReadAsync(Row())).RowVersion);
    }

    [Fact]
    public async Task An_update_of_a_missing_row_is_refused()
    {
        Assert.Equal(WriteOutcome.Refused, await Store.WriteAsync(Row(), expected: 1));
        Assert.Empty(await Store.ReadAsync(Row()));
    }

    [Fact]
    public async Task One_of_many_concurrent_writers_of_a_key_wins_each_round()
    {
        long? expected = null;
        for (var round = 0; round < 5; round++)
        {
            var rows = Enumerable.Range(1, 20).Select(i => Row(token: (round * 100) + i)).ToList();
            var outcomes = await Task.WhenAll(rows.Select(row => Store.WriteAsync(row, expected)));
            Assert.Single(outcomes, WriteOutcome.Written);
            Assert.Equal(19, outcomes.Count(outcome => outcome == WriteOutcome.Refused));
            expected = rows[Array.IndexOf(outcomes, WriteOutcome.Written)].RowVersion;
            Assert.Equal(expected, Assert.Single(await Store.ReadAsync(rows[0])).RowVersion);
        }
    }

    [Fact]
    public async Task Every_write_of_a_mixed_call_gets_its_own_outcome()
    {
        await Store.WriteAsync([Row(1, token: 10).Write(), Row(2, token: 20).Write(), Row(3, token: 30).Write()], Stop);
        var outcomes = await Store.WriteAsync(
            [
                Row(9, token: 91).Write(),
                Row(2, token: 21).Write(20),
                Row(1, token: 11).Write(),
                Row(3, token: 31).Write(99),
                Row(7, "humidity", token: 12).Write(),
                Row(8, token: 81).Write(1),
            ],
            Stop);
        Assert.Equal(
            [
                WriteOutcome.Written, WriteOutcome.Written, WriteOutcome.Refused, WriteOutcome.Refused, WriteOutcome.Written,
                WriteOutcome.Refused,
            ],
            outcomes);
        Assert.Equal([10, 12, 21, 30, 91], (await Store.QueryAsync()).Select(row => row.RowVersion).Order());
    }

    [Fact]
    public async Task A_write_on_what_another_life_of_the_store_held_is_refused()
    {
        var (life, other) = (await Store.ReadLifeAsync(Stop), Guid.NewGuid());
        await Store.WriteAsync([Row(1, token: 10).Write() with { Life = life }, Row(2, token: 20).Write()], Stop);
        var outcomes = await Store.WriteAsync(
            [
                Row(1, token: 11).Write(10) with { Life = other },
                Row(2, token: 21).Write(20) with { Life = life },
                Row(3, token: 31).Write() with { Life = other },
                Row(4, token: 41).Write() with { Life = life },
            ],
            Stop);
        Assert.Equal([WriteOutcome.Refused, WriteOutcome.Written, WriteOutcome.Refused, WriteOutcome.Written], outcomes);
        Assert.Equal([10, 21, 41], (await Store.QueryAsync()).Select(row => row.RowVersion).Order());
    }

    [Fact]
    public async Task Ten_thousand_rows_of_five_hundred_callers_are_all_stored()
    {
        var rows = Enumerable.Range(0, 500)
            .Select(sensor => Enumerable.Range(0, 20)
                .Select(i => Row(sensor, i % 2 == 0 ? "humidity" : "temperature", Start + (i * Quarter), token: i)).ToList())
            .ToList();
        var outcomes = await Task.WhenAll(rows.Select(mine => Store.WriteAsync([.. mine.Select(row => row.Write())], Stop)));
        Assert.All(outcomes, mine => Assert.All(mine, outcome => Assert.Equal(WriteOutcome.Written, outcome)));

        var next = rows.ConvertAll(mine => mine.ConvertAll(row => row with { RowVersion = row.RowVersion + 1000, Revision = 1 }));
        outcomes = await Task.WhenAll(next.Select(
            mine => Store.WriteAsync([.. mine.Select(row => row.Write(row.RowVersion - 1000))], Stop)));
        Assert.All(outcomes, mine => Assert.All(mine, outcome => Assert.Equal(WriteOutcome.Written, outcome)));

        var read = await Task.WhenAll(next.Select(mine => Store.ReadAsync([.. mine])));
        for (var i = 0; i < read.Length; i++)
        {
            Assert.Equal(next[i].ToHashSet(), read[i].ToHashSet());
        }
    }

    [Fact]
    public async Task A_call_with_more_rows_than_a_batch_completes_as_a_whole()
    {
        var writes = Enumerable.Range(0, 3500).Select(i => Row(i).Write()).ToList();
        var outcomes = await Store.WriteAsync(writes, Stop);
        Assert.Equal(3500, outcomes.Length);
        Assert.All(outcomes, outcome => Assert.Equal(WriteOutcome.Written, outcome));
        Assert.Equal(3500, (await Store.QueryAsync()).Count);
        Assert.Empty(await Store.WriteAsync([], Stop));
    }

    [Theory]
    [InlineData(1e308, -1e308, double.PositiveInfinity)]
    [InlineData(double.Epsilon, -double.Epsilon, double.MaxValue)]
    [InlineData(-0.0, 0.1, 1.0 / 3)]
    [InlineData(double.NaN, double.NegativeInfinity, double.NaN)]
    public async Task Extreme_numbers_are_read_back_unchanged(double mean, double min, double m2)
    {
        var row = Row(statistics: new(long.MaxValue, mean, m2, min, -min));
        await Store.WriteAsync(row);
        Assert.Equal([row], await Store.ReadAsync(row));
    }

    [Fact]
    public async Task Marks_of_many_sources_and_large_offsets_are_read_back_unchanged()
    {
        var marks = Enumerable.Range(0, 500).Aggregate(
            Marks.Empty, (all, i) => all.Raise(new(Guid.NewGuid(), i), long.MaxValue - i));
        var row = Row(marks: marks.Raise(Source, 0), token: long.MinValue);
        await Store.WriteAsync(row);
        Assert.Equal([row], await Store.ReadAsync(row));
        Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(row with { RowVersion = long.MaxValue }, long.MinValue));
    }

    [Fact]
    public async Task The_earliest_and_the_latest_windows_are_exact()
    {
        // One week begins before the year 1, and one ends in the year 10000.
        var week = Period.FromSeconds(7 * 86_400);
        WindowRow[] rows =
        [
            Row(start: week.StartOf(EpochTime.Min), length: week.TotalMicros),
            Row(start: EpochTime.Min),
            Row(start: -Quarter),
            Row(start: 0),
            Row(start: week.StartOf(EpochTime.Max - 1), length: week.TotalMicros),
            Row(start: EpochTime.Max - Quarter),
        ];
        Assert.All(
            await Store.WriteAsync([.. rows.Select(row => row.Write())], Stop),
            outcome => Assert.Equal(WriteOutcome.Written, outcome));
        Assert.Equal(rows.ToHashSet(), (await Store.ReadAsync(rows)).ToHashSet());
        Assert.Equal(rows.OrderBy(row => row.Key.Start), await Store.QueryAsync());
        Assert.Equal(
            WriteOutcome.Written, await Store.WriteAsync(rows[0] with { RowVersion = 2 }, 1));
    }

    [Fact]
    public async Task Windows_of_two_periods_live_side_by_side()
    {
        var minute = Period.FromSeconds(60);
        var (longer, shorter) = (Row(token: 1), Row(length: minute.TotalMicros, token: 2));
        await Store.WriteAsync(longer);
        Assert.Equal(WriteOutcome.Written, await Store.WriteAsync(shorter));
        Assert.Equal([longer], await Store.ReadAsync(longer));
        Assert.Equal([shorter], await Store.QueryAsync(period: minute));
        Assert.Equal([longer], await Store.QueryAsync(period: Period.Default));
    }

    [Fact]
    public async Task Preparing_again_changes_nothing_and_the_plan_is_empty_then()
    {
        await Store.WriteAsync(Row());
        Assert.Empty(await Store.PlanAsync(Stop));
        await Store.PrepareAsync(Stop);
        Assert.Empty(await Store.PlanAsync(Stop));
        Assert.Single(await Store.QueryAsync());
    }

    [Fact]
    public async Task The_time_of_a_write_comes_from_the_injected_clock()
    {
        await Store.WriteAsync(Row());
        var found = Assert.Single(await SelectAsync("SELECT updated_at FROM sensor_windows"));
        Assert.Equal(Now, found[0] is DateTime time ? time : EpochTime.ToDateTime((long)found[0]!));
    }

    [Fact]
    public async Task A_cancelled_call_throws()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteAsync([Row().Write()], new CancellationToken(true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadOpenAsync(new CancellationToken(true)));
    }
}
