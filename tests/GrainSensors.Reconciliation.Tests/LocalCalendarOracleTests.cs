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
                count(*), avg(value), stddev_pop(value), min(value), max(value)
            FROM readings GROUP BY 1 ORDER BY 1
            """;
        using var reader = query.ExecuteReader();
        for (var i = 0; i < count; i++)
        {
            Assert.True(reader.Read());
            var (start, statistics) = merged[i];
            Assert.Equal((reader.GetInt64(0), reader.GetInt64(1)), (start, statistics.Count));
            Assert.Equal(reader.GetDouble(2), statistics.Mean, 9);
            Assert.Equal(reader.GetDouble(3), statistics.PopulationStandardDeviation, 9);
            Assert.Equal((reader.GetDouble(4), reader.GetDouble(5)), (statistics.Min, statistics.Max));
        }

        Assert.False(reader.Read());
        Assert.Equal(count, merged.Count);
    }

    private static double Value(int minute) => 15 + (12 * Math.Sin(minute / 80_000.0)) + (6 * Math.Sin(minute / 229.0));

    /// <summary>Merges one period after the other, as the store does.</summary>
    private static List<(long Start, RunningStatistics Statistics)> Merged(WindowPeriod wanted)
    {
        var panes = Enumerable.Range(0, Minutes).Select(minute => (
            Start: Begin + (minute * Minute), Statistics: default(RunningStatistics).Add(Value(minute)))).ToList();
        foreach (var longer in Longer.All)
        {
            panes = [.. panes.GroupBy(pane => longer.Period.StartsOver(pane.Start).Single()).Select(window => (
                window.Key,
                MergedStatistics.Of(window.Select(pane => new WindowPane(pane.Start, [new("temperature", pane.Statistics)], null)))
                    .Measurements[0].Statistics))];
            if (longer.Period.Equals(wanted))
            {
                return panes;
            }
        }

        throw new InvalidOperationException($"{wanted} is not merged.");
    }
}
