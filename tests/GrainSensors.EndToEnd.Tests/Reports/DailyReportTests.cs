using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DuckDB.NET.Data;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.EndToEnd.Tests.Exactness;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Opening;

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
            var store = kind == "sqlite"
                ? $"sqlite:{_folder.File($"{Path.GetFileNameWithoutExtension(recording)}.db")}"
                : $"postgres:{await postgres.CreateDatabaseAsync()}";
            await RunAsync("replay", recording, "--store", store);
            var hours = await OracleAsync(recording, "hour");
            foreach (var day in hours.Keys.Select(key => key.Start.Date).Distinct())
            {
                var report = await ReportAsync(store, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                AssertEqual(hours.Where(hour => hour.Key.Start.Date == day).ToDictionary(), ValuesOf(report, day));
            }

            AssertEqual(hours, await ViewAsync(store, "sensor_hours", "hour"));
            AssertEqual(await OracleAsync(recording, "day"), await ViewAsync(store, "sensor_days", "day"));
        }
    }

    [Fact]
    public async Task Gaps_missing_readings_and_alerts_are_reported()
    {
        var store = await FilledAsync();

        var report = (await ReportAsync(store, "2026-11-22")).GetProperty("sensors");

        Assert.Equal([7, 8, 9], report.EnumerateArray().Select(sensor => sensor.GetProperty("sensor_id").GetInt32()));
        var seven = report[0];
        Assert.Equal(("Berlin", "Tempelhof"), (seven.GetProperty("city").GetString(), seven.GetProperty("station").GetString()));

        // Of 96 windows, 8 are absent, one has 30 readings, and the others have 90.
        Assert.Equal((87 * 90) + 30, seven.GetProperty("readings").GetInt64());
        Assert.Equal((8 * 90) + 60, seven.GetProperty("missing").GetInt64());
        Assert.Equal(8 * 900, seven.GetProperty("silent_seconds").GetInt32());
        Assert.Equal("Sensor 7: disconnected", seven.GetProperty("alerts")[0].GetProperty("message").GetString());
        Assert.Equal(1, seven.GetProperty("alerts").GetArrayLength());

        // The first alert was open for 15 and 30 minutes. That of sensor 8 goes on after the day.
        Assert.Equal(45 * 60, seven.GetProperty("alert_seconds").GetDouble());
        Assert.Equal(45 * 60, seven.GetProperty("alerts")[0].GetProperty("seconds").GetDouble());
        Assert.Equal(15 * 60, report[1].GetProperty("alert_seconds").GetDouble());
        var temperature = seven.GetProperty("measurements")[0];
        Assert.Equal(JsonValueKind.Null, temperature.GetProperty("hours")[10].ValueKind);

        // Sensor 9 has never reported, so none of its readings is missed.
        Assert.Equal((0, 0), (report[2].GetProperty("silent_seconds").GetInt32(), report[2].GetProperty("missing").GetInt32()));

        var every = await ReportAsync(store, "2026-11-22", "--every", "10s", "--sensor", "7");
        Assert.Equal(8_640 - ((87 * 90) + 30), every.GetProperty("sensors")[0].GetProperty("missing").GetInt64());
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Missing_readings_and_silence_count_from_the_first_reading_of_a_sensor(string kind)
    {
        var address = kind == "sqlite" ? $"sqlite:{_folder.File("first.db")}" : $"postgres:{await postgres.CreateDatabaseAsync()}";
        await using (var store = WindowStoreAddress.Parse(address).Open(new() { Retention = Timeout.InfiniteTimeSpan }))
        {
            await store.PrepareAsync(Stop);
            var token = 1L;
            WindowRow Row(int sensor, int window) => WindowRows.Row(
                sensor, start: Day + (window * Quarter), token: token++, statistics: new(90, 21, 1, 19, 23), isFinal: true);

            // Sensor 7 starts at 12:45 and pauses for one window. Sensor 8 does the same, and had reported weeks before.
            int[] windows = [.. Enumerable.Range(51, 45).Where(window => window != 60)];
            var rows = windows.SelectMany(window => new[] { Row(7, window), Row(8, window) }).Append(Row(8, -2000));
            await store.WriteAsync([.. rows.Select(row => row.Write())], Stop);
        }

        var usual = (await ReportAsync(address, "2026-11-22")).GetProperty("sensors");
        var every = (await ReportAsync(address, "2026-11-22", "--every", "10s")).GetProperty("sensors");

        (long, int) Of(JsonElement report, int index) =>
            (report[index].GetProperty("missing").GetInt64(), report[index].GetProperty("silent_seconds").GetInt32());
        Assert.Equal((90, 900), Of(usual, 0));
        Assert.Equal((52 * 90, 52 * 900), Of(usual, 1));
        Assert.Equal((90, 900), Of(every, 0));
        Assert.Equal((52 * 90, 52 * 900), Of(every, 1));
    }

    [Theory]
    [InlineData("2026-10-25", 1_792_879_200, 25, 8)]
    [InlineData("2026-03-29", 1_774_738_800, 23, 0)]
    public async Task A_day_of_a_time_zone_has_the_hours_that_its_clocks_show(string date, long start, int hours, int windowsAtTwo)
    {
        var address = $"sqlite:{_folder.File($"{date}.db")}";
        await using (var store = WindowStoreAddress.Parse(address).Open(new() { Retention = Timeout.InfiniteTimeSpan }))
        {
            await store.PrepareAsync(Stop);
            var rows = Enumerable.Range(-4, (hours * 4) + 8).Select(i => WindowRows.Row(
                start: (start * EpochTime.MicrosPerSecond) + (i * Quarter), token: i, statistics: new(90, 21, 1, 19, 23), isFinal: true));
            await store.WriteAsync([.. rows.Select(row => row.Write())], Stop);
        }

        var report = await ReportAsync(address, date, "--time-zone", "Europe/Madrid");

        Assert.Equal("Europe/Madrid", report.GetProperty("time_zone").GetString());
        var sensor = report.GetProperty("sensors")[0];
        Assert.Equal((hours * 4 * 90, 0), (sensor.GetProperty("readings").GetInt32(), sensor.GetProperty("missing").GetInt32()));
        var measured = sensor.GetProperty("measurements")[0].GetProperty("hours").EnumerateArray()
            .Select(hour => hour.ValueKind == JsonValueKind.Null ? 0 : hour.GetProperty("readings").GetInt32() / 90).ToList();
        Assert.Equal(Enumerable.Range(0, 24).Select(hour => hour == 2 ? windowsAtTwo : 4), measured);
        var (csv, html) = (_folder.File($"{date}.csv"), _folder.File($"{date}.html"));
        await RunAsync("report", "--date", date, "--time-zone", "Europe/Madrid", "--format", "csv", "--store", address, "--output", csv);
        await RunAsync("report", "--date", date, "--time-zone", "Europe/Madrid", "--format", "html", "--store", address, "--output", html);
        Assert.EndsWith(",Europe/Madrid,,\n", await File.ReadAllTextAsync(csv, Stop), StringComparison.Ordinal);
        Assert.Contains("Times are those of Europe/Madrid", await File.ReadAllTextAsync(html, Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Europe/Madird", "PT15M", "--time-zone: The time zone \"Europe/Madird\" is unknown")]
    [InlineData("Asia/Kathmandu", "PT1H", "with --time-zone Asia/Kathmandu it lasts from 2026-11-21T18:15:00Z")]
    public async Task A_time_zone_whose_days_cannot_be_reported_is_refused(string zone, string period, string reason)
    {
        var result = await Executable.RunAsync(
            "report", "--date", "2026-11-22", "--time-zone", zone, "--period", period, "--store", await FilledAsync());

        result.AssertCouldNotRun(reason);
    }

    [Fact]
    public async Task Gaps_are_rows_of_the_views_with_a_coverage()
    {
        foreach (var store in new[] { await FilledAsync(), await FilledAsync($"postgres:{await postgres.CreateDatabaseAsync()}") })
        {
            var rows = await ScalarsAsync(
                store, "SELECT sample_count, coverage FROM sensor_hours WHERE sensor_id = 7 AND metric = 'temperature' ORDER BY hour");
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
        var page = XDocument.Parse(Regex.Replace(html, "<meta [^>]*>", ""));
        Assert.Equal(3, page.Descendants("svg").Count());

        // Two gaps make three lines. One of the two alerts was raised on this day.
        var chart = page.Descendants("svg").First();
        Assert.Equal(3, chart.Descendants("path").Count(path => path.Attribute("class")?.Value == "mean"));
        Assert.Single(chart.Descendants("polygon"));
        var shade = Assert.Single(chart.Descendants("path"), path => path.Attribute("class")?.Value == "during bad");
        Assert.Equal(2, shade.Attribute("d")!.Value.Count(letter => letter == 'Z'));
        Assert.Contains(page.Descendants("h2"), heading => heading.Value == "Sensor 7 · Berlin, Tempelhof");
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
        Assert.EndsWith(",2700,%,UTC,,", csv[1], StringComparison.Ordinal);
        Assert.All(csv, line => Assert.Equal(42, line.Split(',').Length));
        var table = await RunAsync("report", "--date", "2026-11-22", "--store", store);
        Assert.Matches(
            @"(?m)^7 +Berlin, Tempelhof +temperature \(°C\) +19\.00 +23\.00 +21\.00 +7,860 +780 +2 h 00 min +1 +45 min *$", table);
    }

    [Fact]
    public async Task A_store_with_windows_of_another_length_is_no_empty_day()
    {
        var store = await FilledAsync();

        (await Command.RunAsync("report", "--date", "2026-11-22", "--period", "1m", "--store", store))
            .AssertCouldNotRun("has no windows of PT1M on this day, but of PT15M; give --period PT15M");
    }

    [Fact]
    public async Task Invalid_options_and_a_missing_store_are_errors()
    {
        (await Command.RunAsync("report", "--date", "yesterday")).AssertCouldNotRun("--date must be a day");
        (await Command.RunAsync("report", "--store", $"sqlite:{_folder.File("none.db")}")).AssertCouldNotRun("none.db");
        (await Command.RunAsync("report", "--output", "x")).AssertCouldNotRun("--format");
        Assert.False(File.Exists(_folder.File("none.db")));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Sensor 7 has a gap from 10:00 to 11:45, a window with few readings at 20:00 and none at 20:45. Sensor 8 has one window, and
    /// sensor 9 none.
    /// </summary>
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
            var start = Day + (window * Quarter);
            rows.Add(WindowRows.Row(7, start: start, token: token++, statistics: new(count, 21, 1, 19, 23), isFinal: true));
            rows.Add(WindowRows.Row(7, "humidity", start: start, token: token++, statistics: new(count, 50, 1, 40, 60), isFinal: true));
        }

        rows.Add(WindowRows.Row(8, start: Day, token: token, isFinal: true));
        await store.WriteAsync(rows.Writes(), Stop);
        Alert Disconnected(Guid id, long raised, long? cleared) => new(
            id, 7, "", AlertKind.Disconnected, AlertLevel.Error, raised, raised, cleared, 1, double.NaN, double.NaN, null,
            "Sensor 7: disconnected");
        await store.Alerts.WriteAsync([Disconnected(Guid.NewGuid(), Day - (5 * Quarter), Day - Quarter)], Stop);
        var flapping = Disconnected(Guid.NewGuid(), Day + (41 * Quarter), Day + (42 * Quarter));
        await store.Alerts.WriteAsync(
            [
                flapping,
                flapping with { LastRaisedAt = Day + (46 * Quarter), ClearedAt = Day + (48 * Quarter), Occurrences = 2 },
                Disconnected(Guid.NewGuid(), Day + (95 * Quarter), Day + (97 * Quarter)) with { SensorId = 8 },
            ],
            Stop);
        return address;
    }

    private static async Task<JsonElement> ReportAsync(string store, string date, params string[] options) =>
        JsonSerializer.Deserialize<JsonElement>(
            await RunAsync(["report", "--date", date, "--format", "json", "--store", store, .. options]));

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var result = await Executable.RunAsync(arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    private readonly record struct Key(int Sensor, string Measurement, DateTime Start) : IComparable<Key>
    {
        public int CompareTo(Key other) => (Sensor, Measurement, Start).CompareTo((other.Sensor, other.Measurement, other.Start));
    }

    private sealed record Values(long Count, double Min, double Max, double Mean, double Deviation);

    private static void AssertEqual(Dictionary<Key, Values> expected, Dictionary<Key, Values> got)
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

    private static Dictionary<Key, Values> ValuesOf(JsonElement report, DateTime day)
    {
        var values = new Dictionary<Key, Values>();
        foreach (var sensor in report.GetProperty("sensors").EnumerateArray())
        {
            foreach (var measurement in sensor.GetProperty("measurements").EnumerateArray())
            {
                foreach (var (at, hour) in measurement.GetProperty("hours").EnumerateArray().Index())
                {
                    if (hour.ValueKind == JsonValueKind.Null)
                    {
                        continue;
                    }

                    double Number(string name) => hour.GetProperty(name).GetDouble();
                    values.Add(
                        new(sensor.GetProperty("sensor_id").GetInt32(), measurement.GetProperty("name").GetString()!, day.AddHours(at)),
                        new((long)Number("readings"), Number("min"), Number("max"), Number("average"), Number("standard_deviation")));
                }
            }
        }

        return values;
    }

    private static async Task<Dictionary<Key, Values>> OracleAsync(string recording, string unit)
    {
        await using var connection = new DuckDBConnection("DataSource=:memory:");
        return await ReadAsync(
            connection,
            $"""
            WITH readings AS (FROM read_csv('{recording}', header = true, all_varchar = true))
            SELECT sensor_id::INTEGER, metric,
                date_trunc('{unit}', make_timestamp(floor("timestamp"::DECIMAL(20, 6))::BIGINT * 1000000)),
                count(value), min(value), max(value), avg(value), stddev_pop(value)
            FROM (SELECT sensor_id, "timestamp", 'temperature' AS metric, temperature::DOUBLE AS value FROM readings
                UNION ALL SELECT sensor_id, "timestamp", 'humidity', humidity::DOUBLE FROM readings)
            WHERE value IS NOT NULL GROUP BY ALL
            """);
    }

    /// <summary>Reads a view without its gaps, which have no values.</summary>
    private static async Task<Dictionary<Key, Values>> ViewAsync(string store, string view, string unit)
    {
        await using var connection = Open(store);
        var start = store.StartsWith("sqlite", StringComparison.Ordinal) ? unit : $"{unit} AT TIME ZONE 'UTC'";
        return await ReadAsync(
            connection, $"SELECT sensor_id, metric, {start}, sample_count, min, max, mean, stddev FROM {view} WHERE sample_count > 0");
    }

    private static async Task<Dictionary<Key, Values>> ReadAsync(System.Data.Common.DbConnection connection, string sql)
    {
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var values = new Dictionary<Key, Values>();
        await using var reader = await command.ExecuteReaderAsync(Stop);
        while (await reader.ReadAsync(Stop))
        {
            values.Add(
                new(reader.GetInt32(0), reader.GetString(1), reader.GetDateTime(2)),
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
            rows.Add((Number(0), Number(1)));
        }

        return rows;

        double Number(int column) => Convert.ToDouble(reader.GetValue(column), CultureInfo.InvariantCulture);
    }

    private static System.Data.Common.DbConnection Open(string store) => store.StartsWith("sqlite:", StringComparison.Ordinal)
        ? new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={store["sqlite:".Length..]};Pooling=False")
        : new Npgsql.NpgsqlConnection(store["postgres:".Length..]);
}
