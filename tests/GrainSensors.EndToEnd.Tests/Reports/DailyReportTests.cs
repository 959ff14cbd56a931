using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using DuckDB.NET.Data;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.EndToEnd.Tests.Exactness;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Windows;

namespace GrainSensors.EndToEnd.Tests.Reports;

/// <summary>The daily report against DuckDB, in each of its formats, and the hours and days that are views.</summary>
[Trait("Category", "System")]
public sealed class DailyReportTests(PostgresServer postgres) : IDisposable
{
    /// <summary>2026-11-22.</summary>
    private const long Day = 1_795_305_600L * EpochTime.MicrosPerSecond;

    private static readonly long Quarter = Period.Default.TotalMicros;
    private static CancellationToken Stop => TestContext.Current.CancellationToken;
    private readonly TemporaryDirectory _folder = new();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_replayed_recording_is_reported_and_rolled_up_as_DuckDB_computes_it(string kind)
    {
        foreach (var recording in Recordings.Of(_folder.Path))
        {
            var store = kind == "sqlite" ? $"sqlite:{_folder.File($"{Path.GetFileNameWithoutExtension(recording)}.db")}" : $"postgres:{await postgres.CreateDatabaseAsync()}";
            await RunAsync("replay", recording, "--store", store);
            var hours = await OracleAsync(recording, "hour");
            foreach (var date in hours.Keys.Select(key => key.Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Distinct())
            {
                var report = JsonSerializer.Deserialize<JsonElement>(await RunAsync("report", "--date", date, "--format", "json", "--store", store));
                var got = ValuesOf(report, DateTime.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture));
                AssertEqual(hours.Where(hour => hour.Key.Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) == date).ToDictionary(), got);
            }

            AssertEqual(hours, await ViewAsync(store, "sensor_hours", "hour"));
            AssertEqual(await OracleAsync(recording, "day"), await ViewAsync(store, "sensor_days", "day"));
        }
    }

    [Fact]
    public async Task Gaps_missing_readings_and_alerts_are_reported()
    {
        var store = await FilledAsync();

        var report = JsonSerializer.Deserialize<JsonElement>(await RunAsync("report", "--date", "2026-11-22", "--format", "json", "--store", store)).GetProperty("sensors");

        Assert.Equal([7, 8, 9], report.EnumerateArray().Select(sensor => sensor.GetProperty("sensorId").GetInt32()));
        var seven = report[0];
        Assert.Equal(("Berlin", "Tempelhof"), (seven.GetProperty("city").GetString(), seven.GetProperty("station").GetString()));

        // 96 windows of 90 readings, but for 8 that are not there and one that has 30.
        Assert.Equal((87 * 90) + 30, seven.GetProperty("readings").GetInt64());
        Assert.Equal((8 * 90) + 60, seven.GetProperty("missing").GetInt64());
        Assert.Equal(8 * 900, seven.GetProperty("silentSeconds").GetInt32());
        Assert.Equal("Sensor 7: disconnected", seven.GetProperty("alerts")[0].GetProperty("message").GetString());
        Assert.Equal(1, seven.GetProperty("alerts").GetArrayLength());
        var temperature = seven.GetProperty("measurements")[0];
        Assert.Equal(JsonValueKind.Null, temperature.GetProperty("hours")[10].ValueKind);
        Assert.Equal(86_400, report[2].GetProperty("silentSeconds").GetInt32());

        var every = JsonSerializer.Deserialize<JsonElement>(await RunAsync("report", "--date", "2026-11-22", "--format", "json", "--store", store, "--every", "10s", "--sensor", "7"));
        Assert.Equal(8_640 - ((87 * 90) + 30), every.GetProperty("sensors")[0].GetProperty("missing").GetInt64());
    }

    [Fact]
    public async Task Gaps_are_rows_of_the_views_with_a_coverage()
    {
        foreach (var store in new[] { await FilledAsync(), await FilledAsync($"postgres:{await postgres.CreateDatabaseAsync()}") })
        {
            var rows = await ScalarsAsync(store, "SELECT sample_count, coverage FROM sensor_hours WHERE sensor_id = 7 AND metric = 'temperature' ORDER BY hour");
            Assert.Equal(24, rows.Count);
            Assert.Equal((360.0, 1.0), rows[0]);
            Assert.Equal((0.0, 0.0), rows[10]);
            Assert.Equal((30.0 + (2 * 90), 0.75), rows[20]);
        }
    }

    [Fact]
    public async Task The_page_is_one_file_with_a_chart_for_each_sensor_and_no_script()
    {
        var (store, file) = (await FilledAsync(), _folder.File("report.html"));
        await RunAsync("report", "--date", "2026-11-22", "--format", "html", "--store", store, "--output", file);

        var html = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var page = XDocument.Parse(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)
            .Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">", "", StringComparison.Ordinal));
        XNamespace svg = "http://www.w3.org/2000/svg";
        Assert.Equal(3, page.Descendants(svg + "svg").Count());

        // A line between one gap and the next, and the alert.
        Assert.Equal(3, page.Descendants(svg + "svg").First().Elements(svg + "polyline").Count());
        Assert.Single(page.Descendants(svg + "svg").First().Elements(svg + "path"));
        Assert.Contains("Sensor 7 · Berlin, Tempelhof", html, StringComparison.Ordinal);
        Assert.Contains("K&amp;W &lt;1&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("(src|href)=", html);
    }

    [Fact]
    public async Task A_table_and_a_csv_have_a_line_for_each_measurement()
    {
        var store = await FilledAsync();

        var csv = (await RunAsync("report", "--date", "2026-11-22", "--format", "csv", "--store", store)).Split('\n');
        Assert.Equal(5, csv.Length);
        Assert.StartsWith("2026-11-22,7,Berlin,Tempelhof,humidity,7860,", csv[1], StringComparison.Ordinal);
        Assert.All(csv, line => Assert.Equal(37, line.Split(',').Length));
        var table = await RunAsync("report", "--date", "2026-11-22", "--store", store);
        Assert.Matches(@"(?m)^7 +Berlin, Tempelhof +temperature +19\.00 +23\.00 +21\.00 +7,860 +780 +2 h 00 min +1 *$", table);
    }

    [Fact]
    public async Task What_cannot_be_reported_is_said_in_a_sentence()
    {
        (await Command.RunAsync("report", "--date", "yesterday")).AssertCouldNotRun("--date must be a day");
        (await Command.RunAsync("report", "--store", $"sqlite:{_folder.File("none.db")}")).AssertCouldNotRun("none.db");
        (await Command.RunAsync("report", "--output", "x")).AssertCouldNotRun("--format");
        Assert.False(File.Exists(_folder.File("none.db")));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Sensor 7 with a gap of two hours at 10, a weak window at 20, and no window at 20:45; sensor 8 with a single window; sensor 9 with nothing.</summary>
    private async Task<string> FilledAsync(string? address = null)
    {
        address ??= $"sqlite:{_folder.File($"{Guid.NewGuid():N}.db")}";
        await using var store = WindowStoreAddress.Parse(address).Open(new() { Retention = Timeout.InfiniteTimeSpan });
        await store.PrepareAsync(Stop);
        await store.Sensors.WriteAsync([new(7, "Berlin", "Tempelhof"), new(8, "K&W <1>"), new(9, "Nowhere")], Stop);
        var token = 1L;
        var rows = new List<WindowRow>();
        for (var window = 0; window < 96; window++)
        {
            if (window is (>= 40 and < 47) or 83)
            {
                continue;
            }

            var count = window == 80 ? 30 : 90;
            rows.Add(WindowRows.Row(7, start: Day + (window * Quarter), token: token++, statistics: new(count, 21, 1, 19, 23), isFinal: true));
            rows.Add(WindowRows.Row(7, "humidity", start: Day + (window * Quarter), token: token++, statistics: new(count, 50, 1, 40, 60), isFinal: true));
        }

        rows.Add(WindowRows.Row(8, start: Day, token: token, isFinal: true));
        await store.WriteAsync([.. rows.Select(row => new WindowWrite(row, null))], Stop);
        Alert Disconnected(Guid id, long raised, long? cleared) => new(
            id, 7, "", AlertKind.Disconnected, AlertLevel.Error, raised, raised, cleared, 1, double.NaN, double.NaN, null, "Sensor 7: disconnected");
        await store.Alerts.WriteAsync([Disconnected(Guid.NewGuid(), Day - (5 * Quarter), Day - Quarter)], Stop);
        await store.Alerts.WriteAsync([Disconnected(Guid.NewGuid(), Day + (41 * Quarter), Day + (48 * Quarter))], Stop);
        return address;
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var result = await Executable.RunAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    private sealed record Values(long Count, double Min, double Max, double Mean, double Deviation);

    private static void AssertEqual(Dictionary<(int Sensor, string Metric, DateTime Start), Values> expected, Dictionary<(int Sensor, string Metric, DateTime Start), Values> got)
    {
        Assert.Equal(expected.Keys.Order(), got.Keys.Order());
        Assert.All(expected, pair =>
        {
            var (want, have) = (pair.Value, got[pair.Key]);
            Assert.Equal((want.Count, want.Min, want.Max), (have.Count, have.Min, have.Max));
            Assert.Equal(want.Mean, have.Mean, 1e-9 * Math.Max(1, Math.Abs(want.Mean)));
            Assert.Equal(want.Deviation, have.Deviation, 1e-9 * Math.Max(1, want.Deviation));
        });
    }

    private static Dictionary<(int, string, DateTime), Values> ValuesOf(JsonElement report, DateTime day)
    {
        var values = new Dictionary<(int, string, DateTime), Values>();
        foreach (var sensor in report.GetProperty("sensors").EnumerateArray())
        {
            foreach (var measurement in sensor.GetProperty("measurements").EnumerateArray())
            {
                foreach (var (hour, at) in measurement.GetProperty("hours").EnumerateArray().Select((hour, at) => (hour, at)).Where(hour => hour.hour.ValueKind != JsonValueKind.Null))
                {
                    double Number(string name) => hour.GetProperty(name).GetDouble();
                    values.Add(
                        (sensor.GetProperty("sensorId").GetInt32(), measurement.GetProperty("name").GetString()!, day.AddHours(at)),
                        new(hour.GetProperty("readings").GetInt64(), Number("min"), Number("max"), Number("average"), Number("standardDeviation")));
                }
            }
        }

        return values;
    }

    private static async Task<Dictionary<(int Sensor, string Metric, DateTime Start), Values>> OracleAsync(string recording, string unit)
    {
        await using var connection = new DuckDBConnection("DataSource=:memory:");
        return await ReadAsync(
            connection,
            $"""
            SELECT sensor_id::INTEGER, metric, date_trunc('{unit}', make_timestamp(floor("timestamp"::DECIMAL(20, 6))::BIGINT * 1000000)), count(value), min(value), max(value), avg(value), stddev_pop(value)
            FROM (SELECT sensor_id, "timestamp", 'temperature' AS metric, temperature::DOUBLE AS value FROM read_csv('{recording}', header = true, all_varchar = true)
                UNION ALL SELECT sensor_id, "timestamp", 'humidity', humidity::DOUBLE FROM read_csv('{recording}', header = true, all_varchar = true))
            WHERE value IS NOT NULL GROUP BY ALL
            """);
    }

    /// <summary>Without the gaps, which have no values.</summary>
    private static async Task<Dictionary<(int Sensor, string Metric, DateTime Start), Values>> ViewAsync(string store, string view, string unit)
    {
        await using var connection = Open(store);
        var start = store.StartsWith("sqlite", StringComparison.Ordinal) ? unit : $"{unit} AT TIME ZONE 'UTC'";
        return await ReadAsync(connection, $"SELECT sensor_id, metric, {start}, sample_count, min, max, mean, stddev FROM {view} WHERE sample_count > 0");
    }

    private static async Task<Dictionary<(int, string, DateTime), Values>> ReadAsync(System.Data.Common.DbConnection connection, string sql)
    {
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var values = new Dictionary<(int, string, DateTime), Values>();
        await using var reader = await command.ExecuteReaderAsync(Stop);
        while (await reader.ReadAsync(Stop))
        {
            values.Add(
                (reader.GetInt32(0), reader.GetString(1), reader.GetDateTime(2)),
                new(reader.GetInt64(3), reader.GetDouble(4), reader.GetDouble(5), reader.GetDouble(6), reader.GetDouble(7)));
        }

        return values;
    }

    private static async Task<List<(double, double)>> ScalarsAsync(string store, string sql)
    {
        await using var connection = Open(store);
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var rows = new List<(double, double)>();
        await using var reader = await command.ExecuteReaderAsync(Stop);
        while (await reader.ReadAsync(Stop))
        {
            rows.Add((Convert.ToDouble(reader.GetValue(0), CultureInfo.InvariantCulture), Convert.ToDouble(reader.GetValue(1), CultureInfo.InvariantCulture)));
        }

        return rows;
    }

    private static System.Data.Common.DbConnection Open(string store) => store.StartsWith("sqlite:", StringComparison.Ordinal)
        ? new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={store["sqlite:".Length..]};Pooling=False")
        : new Npgsql.NpgsqlConnection(store["postgres:".Length..]);
}
