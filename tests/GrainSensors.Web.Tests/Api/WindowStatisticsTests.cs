using System.Globalization;
using System.Net;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Percentiles and further statistics of windows that are stored, merged and reported.</summary>
public sealed class WindowStatisticsTests(WindowStatisticsTests.Data data) : IClassFixture<WindowStatisticsTests.Data>
{
    private const string Range = "sensors/703/windows?from=2026-01-04&to=2026-01-06";

    [Theory]
    [InlineData("")]
    [InlineData("&period=PT1H")]
    [InlineData("&period=P1D")]
    [InlineData("&period=PT2H/PT30M")]
    [InlineData("&period=P1W&tz=Europe/Madrid")]
    public async Task Windows_of_every_period_have_the_percentiles_that_are_asked_for(string period)
    {
        var windows = await MetricsAsync($"{Range}{period}&p=0,0.5,0.95,0.999,1&limit=1000");
        Assert.NotEmpty(windows);
        foreach (var window in windows)
        {
            var (temperature, humidity) = (window.GetProperty("temperature"), window.GetProperty("humidity"));
            var percentiles = temperature.GetProperty("percentiles");
            Assert.Equal(["p0", "p50", "p95", "p99.9", "p100"], percentiles.EnumerateObject().Select(one => one.Name));
            var values = percentiles.EnumerateObject().Select(one => one.Value.GetDouble()).ToList();
            Assert.Equal(values.Order(), values);
            Assert.Equal(temperature.GetProperty("min").GetDouble(), values[0]);
            Assert.Equal(temperature.GetProperty("max").GetDouble(), values[^1]);
            Assert.All(
                humidity.GetProperty("percentiles").EnumerateObject(), one => Assert.Equal(JsonValueKind.Null, one.Value.ValueKind));
        }
    }

    [Fact]
    public async Task Percentiles_of_merged_windows_are_within_one_percent()
    {
        var day = Assert.Single(await MetricsAsync($"{Range}&period=P1D&p=0.05,0.5,0.95,0.99")).GetProperty("temperature");
        foreach (var (name, exact) in new[] { ("p5", 50), ("p50", 500), ("p95", 950), ("p99", 990) })
        {
            Assert.InRange(day.GetProperty("percentiles").GetProperty(name).GetDouble(), 0.99 * exact, 1.01 * exact);
        }

        Assert.False((await MetricsAsync($"{Range}&period=P1D"))[0].GetProperty("temperature").TryGetProperty("percentiles", out _));
    }

    [Fact]
    public async Task The_CSV_has_a_column_for_each_percentile()
    {
        var csv = await data.Server.Http.GetStringAsync(
            ApiServer.UriOf($"{Range.Replace("windows", "windows.csv", StringComparison.Ordinal)}&period=P1D&p=0.5,0.975"),
            TestContext.Current.CancellationToken);
        var lines = csv.TrimEnd().Split('\n').Select(line => line.Split(',')).ToList();
        Assert.Equal(["revision", "is_final", "p50", "p97.5"], lines[0][^4..]);
        Assert.Equal(["", ""], lines[1][^2..]);
        Assert.InRange(double.Parse(lines[2][^2], CultureInfo.InvariantCulture), 495, 505);
        Assert.InRange(double.Parse(lines[2][^1], CultureInfo.InvariantCulture), 965, 985);
    }

    [Theory]
    [InlineData("", 34)]
    [InlineData("&period=P1D", 1)]
    [InlineData("&period=PT2H/PT30M", 20)]
    public async Task Windows_of_every_period_have_the_sum_and_the_first_and_last_values_that_are_asked_for(string period, int count)
    {
        var (start, windows) = (Data.Start, await MetricsAsync($"{Range}{period}&statistics=sum,last,first&limit=1000"));
        Assert.Equal(count, windows.Count);
        foreach (var temperature in windows.Select(window => window.GetProperty("temperature")))
        {
            var (first, last) = (temperature.GetProperty("first"), temperature.GetProperty("last"));
            var (from, to) = (IndexOf(first), IndexOf(last));
            Assert.Equal(temperature.GetProperty("count").GetInt32(), to - from + 1);
            Assert.Equal(
                (Data.ValueAt(from), Data.ValueAt(to)), (first.GetProperty("value").GetInt32(), last.GetProperty("value").GetInt32()));
            Assert.Equal(
                Enumerable.Range(from, to - from + 1).Sum(Data.ValueAt), temperature.GetProperty("sum").GetDouble(), 1e-6);
        }

        Assert.False((await MetricsAsync($"{Range}{period}"))[0].GetProperty("temperature").TryGetProperty("sum", out _));

        int IndexOf(JsonElement edge) =>
            (int)((edge.GetProperty("at").GetDateTimeOffset().ToUnixTimeSeconds() - start) / 30);
    }

    [Fact]
    public async Task The_CSV_has_columns_for_further_statistics_before_the_percentiles()
    {
        var csv = await data.Server.Http.GetStringAsync(
            ApiServer.UriOf(
                $"{Range.Replace("windows", "windows.csv", StringComparison.Ordinal)}&period=P1D&p=0.5&statistics=sum,first,last"),
            TestContext.Current.CancellationToken);
        var lines = csv.TrimEnd().Split('\n').Select(line => line.Split(',')).ToList();
        Assert.Equal(["is_final", "sum", "first", "first_at", "last", "last_at", "p50"], lines[0][^7..]);
        Assert.Equal(500_500, double.Parse(lines[2][^6], CultureInfo.InvariantCulture), 1e-6);
        Assert.Equal(["1", "2026-01-05T00:00:00Z", "964", "2026-01-05T08:19:30Z"], lines[2][^5..^1]);
    }

    [Fact]
    public async Task What_is_no_further_statistic_is_refused_with_the_offender()
    {
        using var answer = await data.Server.Http.GetAsync(
            ApiServer.UriOf("sensors/703/windows?statistics=sum,median"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("one or more of sum, first and last", problem, StringComparison.Ordinal);
        Assert.Contains("median", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_has_the_median_and_the_value_that_95_percent_are_below()
    {
        var report = await data.Server.GetAsync("reports/2026-01-05?sensor_id=703");
        var measurements = report.GetProperty("sensors")[0].GetProperty("measurements").EnumerateArray()
            .ToDictionary(measurement => measurement.GetProperty("name").GetString()!);
        Assert.InRange(measurements["temperature"].GetProperty("p50").GetDouble(), 495, 505);
        Assert.InRange(measurements["temperature"].GetProperty("p95").GetDouble(), 940, 960);
        Assert.Equal(JsonValueKind.Null, measurements["humidity"].GetProperty("p50").ValueKind);

        var csv = await data.Server.Http.GetStringAsync(
            ApiServer.UriOf("reports/2026-01-05?sensor_id=703&format=csv"), TestContext.Current.CancellationToken);
        Assert.EndsWith(",time_zone,p50,p95", csv.Split('\n')[0].TrimEnd(), StringComparison.Ordinal);
        var html = await data.Server.Http.GetStringAsync(
            ApiServer.UriOf("reports/2026-01-05?sensor_id=703&format=html"), TestContext.Current.CancellationToken);
        Assert.Contains("<th>Median</th>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", "x")]
    [InlineData("0.5,1.01", "1.01")]
    [InlineData("-0.1", "-0.1")]
    [InlineData("95", "95")]
    [InlineData("1e-1", "1e-1")]
    [InlineData("0.1234567", "0.1234567")]
    [InlineData("0.5,0.50", "p50 twice")]
    [InlineData("0.01,0.02,0.03,0.04,0.05,0.06,0.07,0.08,0.09,0.1,0.11,0.12,0.13,0.14,0.15,0.16,0.17,0.18,0.19,0.2,0.21", "20")]
    public async Task What_is_no_percentile_is_refused_with_the_offender(string p, string offender)
    {
        foreach (var path in new[] { "windows", "windows.csv" })
        {
            using var answer = await data.Server.Http.GetAsync(
                ApiServer.UriOf($"sensors/703/{path}?p={p}"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            var problem = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Contains(offender, problem, StringComparison.Ordinal);
        }
    }

    private Task<List<JsonElement>> MetricsAsync(string path) => data.MetricsAsync(path);

    /// <summary>A reading every 30 seconds with the values from 1 to 1000 in another order, half of them with a humidity.</summary>
    public sealed class Data : IAsyncLifetime
    {
        /// <summary>Seconds since the epoch.</summary>
        public static readonly long Start = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

        internal ApiServer Server { get; } = new()
        {
            Settings =
            {
                ["Measurements:0:Name"] = "temperature",
                ["Measurements:0:Min"] = "-100",
                ["Measurements:0:Max"] = "1000",
                ["Measurements:0:Sketch"] = "true",
                ["Measurements:1:Name"] = "humidity",
                ["Measurements:1:Min"] = "0",
                ["Measurements:1:Max"] = "100",
            },
        };

        public async ValueTask InitializeAsync()
        {
            await Server.InitializeAsync();
            var readings = Enumerable.Range(0, 1000).Select(i =>
                $$"""{"sensor_id":703,"timestamp":{{Start + (i * 30)}},"temperature":{{ValueAt(i)}}"""
                + (i % 2 == 0 ? ",\"humidity\":50}" : "}"));
            Assert.Equal(HttpStatusCode.Accepted, (await Server.PostAsync("readings", $"[{string.Join(',', readings)}]")).Status);
            await Until.Async(
                async () => (await MetricsAsync($"{Range}&period=P1D"))
                    .Any(day => day.GetProperty("temperature").GetProperty("count").GetInt32() == 1000),
                () => Server.Status.ToString(),
                TimeSpan.FromSeconds(60));
        }

        /// <returns>The temperature of a reading.</returns>
        internal static int ValueAt(int reading) => (reading * 37 % 1000) + 1;

        public ValueTask DisposeAsync() => Server.DisposeAsync();

        internal async Task<List<JsonElement>> MetricsAsync(string path) =>
            [.. (await Server.GetAsync(path)).GetProperty("items").EnumerateArray().Select(window => window.GetProperty("metrics"))];
    }
}
