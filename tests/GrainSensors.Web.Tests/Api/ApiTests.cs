using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Api;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The API as scripts use it.</summary>
[Trait("Category", "System")]
public sealed class ApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reading_that_was_accepted_is_in_its_window_and_known_as_the_sensors_latest()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (status, body) = await PostAsync("readings", $$"""{"sensor_id":701,"timestamp":{{now}},"temperature":21.5}""");
        Assert.Equal((HttpStatusCode.Accepted, 1), (status, body.GetProperty("accepted").GetInt32()));
        (status, _) = await PostAsync("readings", $$"""[{"sensor_id":701,"timestamp":{{now}},"temperature":22.5}, {"sensor_id":701,"timestamp":{{now}},"temperature":null,"humidity":60}]""");
        Assert.Equal(HttpStatusCode.Accepted, status);

        await Until.Async(
            async () => (await GetAsync("sensors/701/windows")).GetProperty("items").EnumerateArray()
                .Sum(window => window.GetProperty("metrics").TryGetProperty("temperature", out var metric) ? metric.GetProperty("count").GetInt32() : 0) == 2,
            () => server.Status.ToString(),
            Patience);
        var window = (await GetAsync("sensors/701/windows")).GetProperty("items").EnumerateArray().Last();
        Assert.Equal(22, window.GetProperty("metrics").GetProperty("temperature").GetProperty("mean").GetDouble(), 9);
        Assert.Equal(0.5, window.GetProperty("metrics").GetProperty("temperature").GetProperty("stddev").GetDouble(), 9);
        var csv = await server.Http.GetStringAsync(new Uri("/api/v1/sensors/701/windows.csv", UriKind.Relative), Cancellation);
        Assert.Contains("\n701,temperature,", csv, StringComparison.Ordinal);
        Assert.Contains(",2,21.5,22.5,22,0.5,", csv, StringComparison.Ordinal);

        // Silos keep latest readings from the first time on that somebody asks.
        await GetAsync("sensors");
        await PostAsync("readings", $$"""{"sensor_id":701,"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1}},"temperature":23}""");
        await Until.Async(
            async () => (await GetAsync("sensors?limit=1000")).GetProperty("items").EnumerateArray()
                .Any(sensor => sensor.GetProperty("sensor_id").GetInt32() == 701 && sensor.GetProperty("condition").GetString() == "reporting"),
            () => server.Status.ToString(),
            Patience);
        Assert.Equal(23, (await GetAsync("sensors/701")).GetProperty("values").GetProperty("temperature").GetDouble());
    }

    [Fact]
    public async Task Where_one_of_several_is_no_reading_none_is_taken_and_the_problem_names_the_item_and_the_reason()
    {
        var before = server.Status.Totals;
        var (status, problem) = await PostAsync("readings", $$"""[{"sensor_id":702,"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"temperature":1},{"sensor_id":"7"},{"sensor_id":7},7]""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(
            [(1, "invalid-sensor-id"), (2, "no-timestamp"), (3, "not-an-object")],
            problem.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("index").GetInt32(), item.GetProperty("reason").GetString()!)));
        Assert.Contains("item 1", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(before.Rejected, server.Status.Totals.Rejected);
        Assert.Empty((await GetAsync("sensors/702/windows")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("readings", "", HttpStatusCode.BadRequest, "empty")]
    [InlineData("readings", "[]", HttpStatusCode.BadRequest, "empty")]
    [InlineData("readings", "[{\"sensor_id\":1,", HttpStatusCode.BadRequest, "no JSON")]
    [InlineData("readings", "{\"sensor_id\":1,\"timestamp\":1,\"temperature\":1}", HttpStatusCode.BadRequest, "timestamp")]
    [InlineData("alerts/x/acknowledge", "{\"by\":\"me\"}", HttpStatusCode.NotFound, "no alert")]
    [InlineData("alerts/00000000-0000-0000-0000-000000000000/acknowledge", "{\"by\":\"me\"}", HttpStatusCode.NotFound, "no alert")]
    [InlineData("alerts/x/acknowledge", "{\"by\":7}", HttpStatusCode.BadRequest, "by")]
    [InlineData("alerts/x/acknowledge", "{\"by\":\"a\\u0000b\"}", HttpStatusCode.BadRequest, "control characters")]
    public async Task What_cannot_be_taken_is_a_problem_with_a_sentence(string path, string body, HttpStatusCode expected, string says)
    {
        var (status, problem) = await PostAsync(path, body);

        Assert.Equal(expected, status);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("sensors/abc", HttpStatusCode.BadRequest, "\"abc\"")]
    [InlineData("sensors/2147483646", HttpStatusCode.NotFound, "2147483646")]
    [InlineData("sensors?limit=0", HttpStatusCode.BadRequest, "limit")]
    [InlineData("sensors?condition=tired", HttpStatusCode.BadRequest, "tired")]
    [InlineData("sensors/1/windows?from=yesterday", HttpStatusCode.BadRequest, "yesterday")]
    [InlineData("sensors/1/windows?from=2026-11-25&to=2026-11-24", HttpStatusCode.BadRequest, "before")]
    [InlineData("sensors/1/windows?period=PT7M", HttpStatusCode.BadRequest, "PT7M")]
    [InlineData("sensors/1/windows?cursor=x", HttpStatusCode.BadRequest, "cursor")]
    [InlineData("reports/yesterday", HttpStatusCode.BadRequest, "yesterday")]
    [InlineData("reports/2026-01-06?format=pdf", HttpStatusCode.BadRequest, "pdf")]
    [InlineData("reports/2026-01-06?every=often", HttpStatusCode.BadRequest, "often")]
    [InlineData("alerts?level=BAD", HttpStatusCode.BadRequest, "BAD")]
    [InlineData("alerts?cursor=9-9", HttpStatusCode.BadRequest, "cursor")]
    [InlineData("nothing", HttpStatusCode.NotFound, "nothing")]
    [InlineData("readings", HttpStatusCode.MethodNotAllowed, "GET")]
    public async Task What_cannot_be_asked_is_a_problem_that_names_it(string path, HttpStatusCode expected, string names)
    {
        using var response = await server.Http.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), Cancellation);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        Assert.Contains(names, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_413()
    {
        var reading = $$"""{"sensor_id":1,"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"temperature":1}""";
        var many = $"[{string.Join(',', Enumerable.Repeat(reading, ReadingIntake.MaxItems + 1))}]";
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync("readings", many)).Status);

        // Asks before it sends, so that the connection lives to bring the answer.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/readings") { Content = new StringContent(new string(' ', 5 * 1024 * 1024), Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = true;
        using var response = await server.Http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Pages_follow_each_other_by_cursor_without_a_gap()
    {
        var start = EpochTime.From(new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero)) / EpochTime.MicrosPerSecond;
        var readings = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""{"sensor_id":703,"timestamp":{{start + (i * 1800)}},"temperature":{{i}}}"""));
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync("readings", $"[{readings}]")).Status);
        const string Range = "sensors/703/windows?from=2026-01-05&to=2026-01-06";
        await Until.Async(async () => (await GetAsync(Range)).GetProperty("items").GetArrayLength() == 40, () => server.Status.ToString(), Patience);

        var starts = new List<DateTime>();
        string? cursor = null;
        do
        {
            var page = await GetAsync($"{Range}&limit=7{(cursor is null ? "" : $"&cursor={cursor}")}");
            starts.AddRange(page.GetProperty("items").EnumerateArray().Select(window => window.GetProperty("window_start").GetDateTime()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 40).Select(i => EpochTime.ToDateTime((start + (i * 1800)) * EpochTime.MicrosPerSecond)), starts);
        var day = Assert.Single((await GetAsync($"{Range}&period=P1D")).GetProperty("items").EnumerateArray()).GetProperty("metrics").GetProperty("temperature");
        Assert.Equal((40, 19.5, 0, 39), (day.GetProperty("count").GetInt32(), day.GetProperty("mean").GetDouble(), day.GetProperty("min").GetDouble(), day.GetProperty("max").GetDouble()));
        Assert.Equal(Math.Sqrt(((40.0 * 40) - 1) / 12), day.GetProperty("stddev").GetDouble(), 9);
    }

    [Fact]
    public async Task An_alert_is_listed_acknowledged_and_told_of_to_who_listens()
    {
        using var events = await ListenAsync("events?sensor_id=704");
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("event: ping", await lines.ReadLineAsync(Cancellation));

        var alert = await WriteAsync(704);
        var (id, told) = await NextAsync(lines, "alert");
        Assert.Equal(alert.Id, told.GetProperty("alert_id").GetGuid());

        var listed = Assert.Single((await GetAsync("alerts?sensor_id=704&status=open&level=warning&kind=extreme")).GetProperty("items").EnumerateArray());
        Assert.Equal("raised", listed.GetProperty("status").GetString());
        var (status, now) = await PostAsync($"alerts/{alert.Id}/acknowledge", """{"by":"Ada","note":"seen"}""");
        Assert.Equal((HttpStatusCode.OK, "acknowledged", "Ada"), (status, now.GetProperty("status").GetString(), now.GetProperty("acknowledged_by").GetString()));
        Assert.Equal("acknowledged", (await NextAsync(lines, "alert")).Data.GetProperty("status").GetString());

        // Who comes back gets what he missed.
        using var missed = await ListenAsync("events?sensor_id=704", id);
        using var missedLines = new StreamReader(await missed.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("acknowledged", (await NextAsync(missedLines, "alert")).Data.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_window_that_closes_is_told_of_to_who_listens_and_to_who_comes_back()
    {
        using var events = await ListenAsync("events?sensor_id=705&type=window");
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(Cancellation));

        // The second ping knows where the topic stands; the first does not wait for Kafka.
        await NextAsync(lines, "ping");
        var (id, _) = await NextAsync(lines, "ping");
        Assert.Contains('/', id);

        // What is as old as that closes as soon as the clocks of the partitions are known to be beyond it.
        var (old, now) = (DateTimeOffset.UtcNow.AddDays(-2).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync("readings", $$"""[{"sensor_id":705,"timestamp":{{old}},"temperature":20},{"sensor_id":705,"timestamp":{{old}},"temperature":22}]""")).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync("readings", $"[{string.Join(',', Enumerable.Range(7500, 40).Select(sensor => $$"""{"sensor_id":{{sensor}},"timestamp":{{now}},"temperature":1}"""))}]")).Status);

        var (_, closed) = await NextAsync(lines, "window");
        Assert.Equal((705, "temperature", 2, 21), (closed.GetProperty("sensor_id").GetInt32(), closed.GetProperty("metric").GetString(), closed.GetProperty("count").GetInt32(), closed.GetProperty("mean").GetDouble()));

        using var missed = await ListenAsync("events?sensor_id=705", id);
        using var missedLines = new StreamReader(await missed.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal(closed.GetProperty("event_id").GetString(), (await NextAsync(missedLines, "window")).Data.GetProperty("event_id").GetString());
    }

    [Theory]
    [InlineData("events?type=weather", null, "weather")]
    [InlineData("events?sensor_id=x", null, "\"x\"")]
    [InlineData("events", "17/0.x", "17/0.x")]
    [InlineData("events", "17/0.1/2", "17/0.1/2")]
    public async Task Who_cannot_be_told_is_told_why(string path, string? last, string names)
    {
        using var response = await ListenAsync(path, last);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(names, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_day_is_reported_as_JSON_CSV_and_HTML()
    {
        var start = new DateTimeOffset(2026, 1, 6, 10, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        var readings = string.Join(',', Enumerable.Range(0, 60).Select(i => $$"""{"sensor_id":706,"timestamp":{{start + (i * 60)}},"temperature":{{i % 2}}}"""));
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync("readings", $"[{readings}]")).Status);
        const string Report = "reports/2026-01-06?sensor_id=706&every=1m";
        await Until.Async(
            async () => (await GetAsync(Report)).GetProperty("sensors") is var found && found.GetArrayLength() == 1 && found[0].GetProperty("readings").GetInt32() == 60,
            () => server.Status.ToString(),
            Patience);

        var sensor = (await GetAsync(Report)).GetProperty("sensors")[0];
        Assert.Equal((706, 1380), (sensor.GetProperty("sensor_id").GetInt32(), sensor.GetProperty("missing").GetInt32()));
        var temperature = Assert.Single(sensor.GetProperty("measurements").EnumerateArray());
        Assert.Equal((0.5, 0, 1), (temperature.GetProperty("day").GetProperty("average").GetDouble(), temperature.GetProperty("day").GetProperty("min").GetDouble(), temperature.GetProperty("day").GetProperty("max").GetDouble()));
        Assert.Equal([10], temperature.GetProperty("hours").EnumerateArray().Index().Where(hour => hour.Item.ValueKind == JsonValueKind.Object).Select(hour => hour.Index));
        Assert.Contains("\n2026-01-06,706,,,temperature,60,0,1,0.5,0.5,1380,", await server.Http.GetStringAsync(new Uri($"/api/v1/{Report}&format=csv", UriKind.Relative), Cancellation), StringComparison.Ordinal);
        using var page = await server.Http.GetAsync(new Uri($"/api/v1/{Report}&format=html", UriKind.Relative), Cancellation);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains("<svg", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_OpenAPI_document_has_every_path_and_only_the_APIs()
    {
        var document = await GetAsync("openapi.json");

        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        string[] expected =
        [
            "/api/v1/alerts", "/api/v1/alerts/{alert_id}", "/api/v1/alerts/{alert_id}/acknowledge", "/api/v1/events", "/api/v1/readings", "/api/v1/reports/{date}",
            "/api/v1/sensors", "/api/v1/sensors/{sensor_id}", "/api/v1/sensors/{sensor_id}/windows", "/api/v1/sensors/{sensor_id}/windows.csv", "/api/v1/status",
        ];
        var paths = document.GetProperty("paths").EnumerateObject().ToList();
        Assert.Superset(expected.ToHashSet(), paths.Select(path => path.Name).ToHashSet());
        Assert.All(paths, path => Assert.StartsWith("/api/v1/", path.Name, StringComparison.Ordinal));
        Assert.All(paths.SelectMany(path => path.Value.EnumerateObject()), operation =>
        {
            Assert.False(string.IsNullOrEmpty(operation.Value.GetProperty("summary").GetString()));
            Assert.True(operation.Value.GetProperty("responses").TryGetProperty("503", out _));
        });
        var reading = document.GetProperty("components").GetProperty("schemas").GetProperty("ReadingBody").GetProperty("properties");
        Assert.True(reading.TryGetProperty("sensor_id", out _));
        Assert.True(document.GetProperty("paths").GetProperty("/api/v1/readings").GetProperty("post").GetProperty("responses").TryGetProperty("429", out _));
    }

    [Fact]
    public async Task The_status_is_that_of_the_cluster()
    {
        await Until.Async(async () => (await GetAsync("status")).GetProperty("is_healthy").GetBoolean(), () => server.Status.ToString(), Patience);

        var status = await GetAsync("status");
        Assert.Single(status.GetProperty("silos").EnumerateArray());
        Assert.Equal(4, status.GetProperty("partitions").GetArrayLength());
    }

    /// <returns>The next event of a type; a ping has no data.</returns>
    private static async Task<(string Id, JsonElement Data)> NextAsync(StreamReader lines, string type)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (name, data, id) = ("", "", "");
        while (await lines.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length == 0 && name == type)
            {
                return (id, data.Length > 0 ? JsonDocument.Parse(data).RootElement : default);
            }

            (name, data, id) = line.Split(": ", 2) switch
            {
                ["event", var value] => (value, "", ""),
                ["data", var value] => (name, value, id),
                ["id", var value] => (name, data, value),
                _ => (name, data, id),
            };
        }

        throw new EndOfStreamException();
    }

    /// <param name="last">The id of the last event that was seen; null: none.</param>
    private async Task<HttpResponseMessage> ListenAsync(string path, string? last = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/{path}");
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        return await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private async Task<Alert> WriteAsync(int sensorId)
    {
        var now = EpochTime.Now(TimeProvider.System);
        var alert = new Alert(
            AlertId.Of(sensorId, "temperature", AlertKind.Extreme, now), sensorId, "temperature", AlertKind.Extreme, AlertLevel.Warning, now, now, null, 1, 61.2, 21.4, now, "too warm");
        await server.Store.Alerts.WriteAsync([alert], Cancellation);
        return alert;
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await server.Http.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await server.Http.PostAsync(new Uri($"/api/v1/{path}", UriKind.Relative), content, Cancellation);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation));
    }
}
