using DuckDB.NET.Data;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using Npgsql;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>The definition of the windows gives equal results in both databases and in <see cref="Period"/>.</summary>
[Trait("Category", "System")]
public sealed class WindowsStatementTests(PostgresServer postgres)
{
    /// <param name="step">Length of a step of which the smallest value counts, µs.</param>
    [Theory]
    [InlineData(null)]
    [InlineData(60_000_000L)]
    public async Task Gives_the_same_windows_in_DuckDB_and_in_PostgreSQL_before_and_after_1970(long? step)
    {
        var random = new Random(3);
        var period = Period.FromSeconds(900);
        List<Reading> readings =
        [
            .. Enumerable.Range(0, 500).Select(_ => new Reading(
                random.Next(3), random.NextInt64(-7_200_000_000, 7_200_000_000), random.Next(5) == 0 ? null : random.Next(1000) / 8.0)),
            new(0, -1, 1), new(0, 0, 2), new(0, -900_000_000, 3),
        ];
        var values = string.Join(", ", readings.Select(
            r => FormattableString.Invariant($"({r.Sensor}, {r.Time}, {(r.Value is { } value ? value : "NULL")})")));
        var sql = WindowsStatement.For(period.TotalMicros, -3_600_000_000, 3_600_000_000, "temperature", 0, step);
        string[] statements =
        [
            "CREATE TABLE readings (sensor_id integer, event_time bigint, value_0 double precision)",
            $"INSERT INTO readings VALUES {values}",
        ];

        await using var duck = new DuckDBConnection("DataSource=:memory:");
        await using var server = new NpgsqlConnection(await postgres.CreateDatabaseAsync());
        var inDuck = await RunAsync(duck, statements, sql);
        var inPostgres = await RunAsync(server, statements, sql);

        var expected = readings.Where(r => r.Value is not null && r.Time is >= -3_600_000_000 and < 3_600_000_000)
            .GroupBy(r => (r.Sensor, Step: step is { } size ? Period.FromMicros(size).StartOf(r.Time) : 0, Own: step is null ? r : null))
            .Select(one => one.MinBy(r => r.Value)!)
            .GroupBy(r => (r.Sensor, Start: period.StartOf(r.Time)))
            .ToDictionary(g => g.Key, g => (Count: g.LongCount(), Min: g.Min(r => r.Value!.Value), Mean: g.Average(r => r.Value!.Value)));
        Assert.Equal(expected.Keys.Order(), inDuck.Keys.Order());
        Assert.All(expected, pair => Assert.Equal((pair.Value.Count, pair.Value.Min), (inDuck[pair.Key].Count, inDuck[pair.Key].Min)));
        Assert.All(expected, pair => Assert.Equal(pair.Value.Mean, inDuck[pair.Key].Mean, 1e-9));
        Assert.Equal(inDuck.Keys.Order(), inPostgres.Keys.Order());
        Assert.All(inDuck, pair =>
        {
            var (want, have) = (pair.Value, inPostgres[pair.Key]);
            Assert.Equal((want.Count, want.Min, want.Max), (have.Count, have.Min, have.Max));
            Assert.Equal(want.Mean, have.Mean, 1e-9);
            Assert.Equal(want.Variance, have.Variance, 1e-6);
        });
    }

    [Fact]
    public async Task Percentiles_are_those_of_a_sketch_in_both_databases_for_windows_of_any_size()
    {
        const int Sizes = 130;
        var random = new Random(7);
        var period = Period.FromSeconds(1);
        var values = Enumerable.Range(1, Sizes).ToDictionary(
            size => size * period.TotalMicros,
            size => Enumerable.Range(0, size).Select(_ => Math.Round(random.NextDouble() * 20) - 10).ToArray());
        var rows = values.SelectMany(window => window.Value, (window, value) => FormattableString.Invariant($"(1, {window.Key}, {value})"));
        string[] statements =
        [
            "CREATE TABLE readings (sensor_id integer, event_time bigint, value_0 double precision)",
            $"INSERT INTO readings VALUES {string.Join(", ", rows)}",
        ];
        var request = new ReconciliationRequest(
            period, 0, (Sizes + 1) * period.TotalMicros, null, [new("temperature", -10, 10) { HasSketch = true }]);

        await using var duck = new DuckDBConnection("DataSource=:memory:");
        await using var server = new NpgsqlConnection(await postgres.CreateDatabaseAsync());
        var inDuck = await RunAsync(duck, statements, RequestedWindows.Statement(request));
        var inPostgres = await RunAsync(server, statements, RequestedWindows.Statement(request));

        Assert.Equal(Sizes, inDuck.Count);
        Assert.All(values, window =>
        {
            var sorted = window.Value.Order().ToArray();
            var expected = RecomputedWindow.Percents.Select(percent => sorted[(int)(percent / 100.0 * (sorted.Length - 1))]);
            Assert.Equal(expected, inDuck[(1, window.Key)].Percentiles!);
            Assert.Equal(expected, inPostgres[(1, window.Key)].Percentiles!);
        });
    }

    [Fact]
    public void Percentiles_are_computed_of_measurements_with_sketches_only()
    {
        Measurement[] measurements = [new("temperature", 0, 1), new("humidity", 0, 1)];
        var request = new ReconciliationRequest(Period.FromSeconds(60), 0, 60_000_000, null, measurements);
        var windows = RequestedWindows.Statement(request);
        var sketched = RequestedWindows.Statement(
            request with { Measurements = [measurements[0], measurements[1] with { HasSketch = true }] });

        Assert.Equal(
            string.Join(
                "\nUNION ALL\n",
                measurements.Select((measurement, i) => WindowsStatement.For(60_000_000, 0, 60_000_000, measurement.Name, i))),
            windows);
        Assert.Contains(windows, sketched, StringComparison.Ordinal);
        Assert.Contains(WindowsStatement.PercentilesOf(60_000_000, 0, 60_000_000, "humidity", 1), sketched, StringComparison.Ordinal);
        Assert.Single(sketched.Split("row_number").Skip(1));
    }

    private sealed record Reading(int Sensor, long Time, double? Value);

    private static async Task<Dictionary<(int, long), RecomputedWindow>> RunAsync(
        System.Data.Common.DbConnection connection, string[] statements, string sql)
    {
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = statement;
            await command.ExecuteNonQueryAsync();
        }

        await using var query = connection.CreateCommand();
        query.CommandText = sql;
        await using var reader = await query.ExecuteReaderAsync();
        var windows = new Dictionary<(int, long), RecomputedWindow>();
        while (await reader.ReadAsync())
        {
            var window = RecomputedWindow.Read(reader);
            windows.Add((window.SensorId, window.Start), window);
        }

        return windows;
    }
}
