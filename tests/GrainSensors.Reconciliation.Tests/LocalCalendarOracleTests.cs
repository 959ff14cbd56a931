using DuckDB.NET.Data;
using GrainSensors.Core.Merging;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>The minutes of a year, merged to quarters, days and months of Madrid, as DuckDB groups the readings by local time.</summary>
public sealed class LocalCalendarOracleTests
{
    private const long Minute = 60 * EpochTime.MicrosPerSecond;

    /// <summary>2025-12-31T23:00:00Z.</summary>
    private const long Begin = 1_767_222_000L * EpochTime.MicrosPerSecond;

    private const int Minutes = 365 * 1440;

    private static readonly LongerPeriods Longer = new(
        Period.Parse("PT1M"), [.. new[] { "PT15M", "P1D@Europe/Madrid", "P1M@Europe/Madrid" }.Select(WindowPeriod.Parse)]);

    [Theory]
    [InlineData("P1D@Europe/Madrid", "day", 365)]
    [InlineData("P1M@Europe/Madrid", "month", 12)]
    public async Task A_year_of_minutes_is_rolled_up_in_local_time(string period, string unit, int count)
    {
        var merged = Merged(WindowPeriod.Parse(period));
        await using var connection = new DuckDBConnection("DataSource=:memory:");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "CREATE TABLE readings (event_time BIGINT, value DOUBLE)";
            command.ExecuteNonQuery();
        }

        using (var appender = connection.CreateAppender("readings"))
        {
            for (var minute = 0; minute < Minutes; minute++)
            {
                appender.CreateRow().AppendValue(Begin + (minute * Minute)).AppendValue(Value(minute)).EndRow();
            }
        }

        using var query = connection.CreateCommand();
        query.CommandText =
            $"""
            SELECT epoch_us(date_trunc('{unit}', timezone('Europe/Madrid', make_timestamptz(event_time))) AT TIME ZONE 'Europe/Madrid'),
                count(*), avg(value), stddev_pop(value), min(value), max(value), sum(value), min(event_time), arg_min(value, event_time),
                max(event_time), arg_max(value, event_time), quantile_disc(value, 0.05), quantile_disc(value, 0.5),
                quantile_disc(value, 0.99)
            FROM readings GROUP BY 1 ORDER BY 1
            """;
        using var reader = query.ExecuteReader();
        for (var i = 0; i < count; i++)
        {
            Assert.True(reader.Read());
            var (start, measured) = merged[i];
            var statistics = measured.Statistics;
            Assert.Equal((reader.GetInt64(0), reader.GetInt64(1)), (start, statistics.Count));
            Assert.Equal(reader.GetDouble(2), statistics.Mean, 9);
            Assert.Equal(reader.GetDouble(3), statistics.PopulationStandardDeviation, 9);
            Assert.Equal((reader.GetDouble(4), reader.GetDouble(5)), (statistics.Min, statistics.Max));
            Assert.Equal(reader.GetDouble(6), statistics.Sum, 6);
            Assert.Equal(
                new EdgeValues(reader.GetInt64(7), reader.GetDouble(8), reader.GetInt64(9), reader.GetDouble(10)), measured.Edges);
            foreach (var (column, quantile) in new[] { (11, 0.05), (12, 0.5), (13, 0.99) })
            {
                // Of an even number there are two medians.
                var exact = reader.GetDouble(column);
                Assert.Equal(
                    exact, measured.Sketch!.Quantile(quantile, statistics.Min, statistics.Max),
                    (Math.Abs(exact) * QuantileSketch.RelativeError) + 0.02);
            }
        }

        Assert.False(reader.Read());
        Assert.Equal(count, merged.Count);
    }

    private static double Value(int minute) => 15 + (12 * Math.Sin(minute / 80_000.0)) + (6 * Math.Sin(minute / 229.0));

    private static MeasuredStatistics MinuteOf(int minute)
    {
        var (value, sketch) = (Value(minute), new QuantileSketch());
        sketch.Add(value);
        return new(
            "temperature", default(RunningStatistics).Add(value), Sketch: sketch, Edges: EdgeValues.Of(Begin + (minute * Minute), value));
    }

    /// <summary>Merges one period after the other, as the store does.</summary>
    private static List<(long Start, MeasuredStatistics Measured)> Merged(WindowPeriod wanted)
    {
        var panes = Enumerable.Range(0, Minutes).Select(minute => (Begin + (minute * Minute), MinuteOf(minute))).ToList();
        foreach (var longer in Longer.All)
        {
            panes =
            [
                .. panes.GroupBy(pane => longer.Period.StartsOver(pane.Item1).Single()).Select(window => (
                    window.Key,
                    MergedStatistics.Of(window.Select(pane => new WindowPane(pane.Item1, [pane.Item2], null))).Measurements[0])),
            ];
            if (longer.Period.Equals(wanted))
            {
                return panes;
            }
        }

        throw new InvalidOperationException($"{wanted} is not merged.");
    }
}
