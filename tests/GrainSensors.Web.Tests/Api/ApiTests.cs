using System.Net;
using System.Text;
using System.Text.Json;
using GrainSensors.Core.Time;
using GrainSensors.Web.Api;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The API as scripts use it, against a whole pipeline.</summary>
[Trait("Category", "System")]
public sealed class ApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reading_that_was_accepted_is_in_its_window_and_known_as_the_sensors_latest()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (status, body) = await server.PostAsync("readings", $$"""{"sensor_id":701,"timestamp":{{now}},"temperature":21.5}""");
        Assert.Equal((HttpStatusCode.Accepted, 1), (status, body.GetProperty("accepted").GetInt32()));
        (status, _) = await server.PostAsync("readings", $$"""
            [{"sensor_id":701,"timestamp":{{now}},"temperature":22.5},
             {"sensor_id":701,"timestamp":{{now}},"temperature":null,"humidity":60}]
            """);
        Assert.Equal(HttpStatusCode.Accepted, status);

        await Until.Async(
            async () => Items(await server.GetAsync("sensors/701/windows")).Sum(CountOf) == 2,
            () => server.Status.ToString(),
            Patience);
        var temperature = Items(await server.GetAsync("sensors/701/windows")).Last().GetProperty("metrics").GetProperty("temperature");
        Assert.Equal(22, temperature.GetProperty("mean").GetDouble(), 9);
        Assert.Equal(0.5, temperature.GetProperty("stddev").GetDouble(), 9);
        var csv = await server.Http.GetStringAsync(ApiServer.UriOf("sensors/701/windows.csv"), Cancellation);
        Assert.Contains("\n701,temperature,", csv, StringComparison.Ordinal);
        Assert.Contains(",2,21.5,22.5,22,0.5,", csv, StringComparison.Ordinal);

        // Silos record latest readings only from the first request on.
        await server.GetAsync("sensors");
        now = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1;
        await server.PostAsync("readings", $$"""{"sensor_id":701,"timestamp":{{now}},"temperature":23}""");
        await Until.Async(
            async () => Items(await server.GetAsync("sensors?limit=1000&condition=reporting"))
                .Any(sensor => sensor.GetProperty("sensor_id").GetInt32() == 701 && IsWarm(sensor)),
            () => server.Status.ToString(),
            Patience);
        Assert.True(IsWarm(await server.GetAsync("sensors/701")));

        bool IsWarm(JsonElement sensor) =>
            sensor.GetProperty("values").GetProperty("temperature") is { ValueKind: JsonValueKind.Number } value && value.GetDouble() == 23;
    }

    [Fact]
    public async Task If_one_of_several_readings_is_invalid_none_is_stored_and_the_problem_names_item_and_reason()
    {
        var before = server.Status.Totals;
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var (status, problem) = await server.PostAsync(
            "readings", $$"""[{"sensor_id":702,"timestamp":{{now}},"temperature":1},{"sensor_id":7.5},{"sensor_id":7},7]""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(
            [(1, "invalid-sensor-id"), (2, "no-timestamp"), (3, "not-an-object")],
            Items(problem).Select(item => (item.GetProperty("index").GetInt32(), item.GetProperty("reason").GetString()!)));
        Assert.Contains("item 1", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(before.Rejected, server.Status.Totals.Rejected);
        Assert.Empty(Items(await server.GetAsync("sensors/702/windows")));
    }

    [Theory]
    [InlineData("\"values\":{\"temperature\":21.5,\"humidity\":60}", "no-measurement", "got values.")]
    [InlineData("\"Temperature\":\"21.5\"", "no-measurement", "got Temperature.")]
    [InlineData("\"temp\":\"hot\",\"pressure\":[1]", "no-measurement", "(temperature, humidity, or another number); got temp, pressure.")]
    [InlineData("\"temperature\":\"21.5\"", "invalid-value", "temperature must be a number from -273.15 to 10000; got \"21.5\".")]
    [InlineData("\"timestamp\":\"2026-11-29T12:42:40Z\"", "invalid-timestamp", "got \"2026-11-29T12:42:40Z\".")]
    [InlineData("\"timestamp\":10", "invalid-timestamp", "timestamp 10 (1970-01-01T00:00:10Z) is too old")]
    [InlineData("\"timestamp\":4102444800", "invalid-timestamp", "timestamp 4102444800 (2100-01-01T00:00:00Z) is ahead of the clock")]
    [InlineData("\"sensor_id\":\"\"", "invalid-sensor-id", "got \"\".")]
    public async Task A_message_that_is_not_a_reading_is_refused_with_its_member_and_value(string members, string reason, string says)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        var (status, problem) = await server.PostAsync("readings", $$"""{"sensor_id":8101,"timestamp":{{now}},{{members}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var item = Assert.Single(Items(problem));
        Assert.Equal(reason, item.GetProperty("reason").GetString());
        Assert.Contains(says, item.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}", 1)]
    [InlineData("[{0},{0}]", 2)]
    [InlineData(" [ {0} ] ", 1)]
    public async Task A_byte_order_mark_before_the_body_is_taken_as_in_the_topic(string body, int readings)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var reading = $$"""{"sensor_id":8105,"timestamp":{{now}},"temperature":21.5}""";

        var (status, accepted) = await server.PostAsync("readings", $"\uFEFF{body.Replace("{0}", reading, StringComparison.Ordinal)}");

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(readings, accepted.GetProperty("accepted").GetInt32());
    }

    [Theory]
    [InlineData("readings", "", HttpStatusCode.BadRequest, "empty")]
    [InlineData("readings", "[]", HttpStatusCode.BadRequest, "empty")]
    [InlineData("readings", "[{\"sensor_id\":1,", HttpStatusCode.BadRequest, "not valid JSON")]
    [InlineData("readings", "{\"sensor_id\":1,\"timestamp\":1,\"temperature\":1}", HttpStatusCode.BadRequest, "timestamp")]
    [InlineData("alerts/x/acknowledge", "{\"by\":\"me\"}", HttpStatusCode.NotFound, "does not exist")]
    [InlineData("alerts/00000000-0000-0000-0000-000000000000/acknowledge", "{\"by\":\"me\"}", HttpStatusCode.NotFound, "does not exist")]
    [InlineData("alerts/x/acknowledge", "null", HttpStatusCode.BadRequest, "missing")]
    [InlineData("alerts/x/acknowledge", "", HttpStatusCode.BadRequest, "missing")]
    [InlineData("alerts/x/acknowledge", "{\"by\":7}", HttpStatusCode.BadRequest, "by")]
    [InlineData("alerts/x/acknowledge", "{\"by\":\"a\\u0000b\"}", HttpStatusCode.BadRequest, "control characters")]
    public async Task An_invalid_body_is_a_problem_that_names_the_reason(string path, string body, HttpStatusCode expected, string says)
    {
        var (status, problem) = await server.PostAsync(path, body);

        Assert.Equal(expected, status);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("sensors/abc", HttpStatusCode.NotFound, "\"abc\"")]
    [InlineData("sensors/a%09b", HttpStatusCode.BadRequest, "a\\tb")]
    [InlineData("sensors/2147483646", HttpStatusCode.NotFound, "2147483646")]
    [InlineData("sensors?limit=0", HttpStatusCode.BadRequest, "limit")]
    [InlineData("sensors?condition=tired", HttpStatusCode.BadRequest, "tired")]
    [InlineData("sensors/1/windows?from=yesterday", HttpStatusCode.BadRequest, "yesterday")]
    [InlineData("sensors/1/windows?from=2026-11-25&to=2026-11-24", HttpStatusCode.BadRequest, "before")]
    [InlineData("sensors/1/windows?period=PT7M", HttpStatusCode.BadRequest, "PT7M")]
    [InlineData("sensors/1/windows?tz=Europe/Madrid", HttpStatusCode.BadRequest, "tz needs a period")]
    [InlineData("sensors/1/windows?period=P1D@Europe/Madrid&tz=UTC", HttpStatusCode.BadRequest, "not in both")]
    [InlineData("sensors/1/windows?period=PT1H/PT7M", HttpStatusCode.BadRequest, "PT7M does not divide PT1H")]
    [InlineData("sensors/1/windows?period=P1D%2FPT20M", HttpStatusCode.BadRequest, "one of P1D/PT20M begins at 1970-01-01T00:20:00Z")]
    [InlineData("sensors/1/windows?period=P1D@Europe/Madird", HttpStatusCode.BadRequest, "\"Europe/Madird\"")]
    [InlineData("sensors/1/windows?period=P1D&tz=Europe/Madird", HttpStatusCode.BadRequest, "\"Europe/Madird\"")]
    [InlineData("sensors/1/windows?period=PT1H&tz=Europe/Madrid", HttpStatusCode.BadRequest, "use P1D, P1W, P1M, P3M or P1Y")]
    [InlineData("sensors/1/windows.csv?period=P1D&tz=sensor", HttpStatusCode.BadRequest, "no time zone in the registry")]
    [InlineData("sensors/1/windows?cursor=x", HttpStatusCode.BadRequest, "cursor")]
    [InlineData("reports/yesterday", HttpStatusCode.BadRequest, "yesterday")]
    [InlineData("reports/2026-01-06?format=pdf", HttpStatusCode.BadRequest, "pdf")]
    [InlineData("reports/2026-01-06?every=often", HttpStatusCode.BadRequest, "often")]
    [InlineData("reports/2026-01-06?tz=Europe/Madird", HttpStatusCode.BadRequest, "tz must be a time zone such as Europe/Madrid")]
    [InlineData("alerts?level=BAD", HttpStatusCode.BadRequest, "BAD")]
    [InlineData("alerts?cursor=9-9", HttpStatusCode.BadRequest, "cursor")]
    [InlineData("nothing", HttpStatusCode.NotFound, "nothing")]
    [InlineData("readings", HttpStatusCode.MethodNotAllowed, "GET")]
    public async Task An_invalid_request_is_a_problem_that_names_the_value(string path, HttpStatusCode expected, string names)
    {
        using var response = await server.Http.GetAsync(ApiServer.UriOf(path), Cancellation);

        Assert.Contains(names, await Problem.AssertAsync(response, expected), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_detail_names_the_parameter_what_it_must_be_and_the_value()
    {
        using var response = await server.Http.GetAsync(ApiServer.UriOf("alerts?limit=0"), Cancellation);

        Assert.Equal("limit must be an integer from 1 to 1000; got \"0\".", await Problem.AssertAsync(response, HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_report_of_the_future_is_refused()
    {
        using var response = await server.Http.GetAsync(ApiServer.UriOf("reports/2999-01-01"), Cancellation);

        Assert.Equal("date must not be in the future; got \"2999-01-01\".", await Problem.AssertAsync(response, HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_413()
    {
        var reading = $$"""{"sensor_id":1,"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"temperature":1}""";
        var many = $"[{string.Join(',', Enumerable.Repeat(reading, ReadingIntake.MaxItems + 1))}]";
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await server.PostAsync("readings", many)).Status);

        // The client asks before it sends the body, so that the connection survives until the response.
        using var content = new StringContent(new string(' ', 5 * 1024 * 1024), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiServer.UriOf("readings")) { Content = content };
        request.Headers.ExpectContinue = true;
        using var response = await server.Http.SendAsync(request, Cancellation);
        var detail = await Problem.AssertAsync(response, HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("MaxRequestBytes", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_follow_each_other_by_cursor_without_a_gap()
    {
        var start = EpochTime.From(new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero)) / EpochTime.MicrosPerSecond;
        var readings = string.Join(',', Enumerable.Range(0, 40)
            .Select(i => $$"""{"sensor_id":703,"timestamp":{{start + (i * 1800)}},"temperature":{{i}}}"""));
        Assert.Equal(HttpStatusCode.Accepted, (await server.PostAsync("readings", $"[{readings}]")).Status);
        const string Range = "sensors/703/windows?from=2026-01-05&to=2026-01-06";
        await Until.Async(async () => Items(await server.GetAsync(Range)).Count() == 40, () => server.Status.ToString(), Patience);

        var starts = new List<DateTime>();
        string? cursor = null;
        do
        {
            var page = await server.GetAsync($"{Range}&limit=7{(cursor is null ? "" : $"&cursor={cursor}")}");
            starts.AddRange(Items(page).Select(window => window.GetProperty("window_start").GetDateTime()));
            cursor = page.GetProperty("next").GetString();
            Assert.Equal(cursor is not null, page.GetProperty("has_more").GetBoolean());
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 40).Select(i => EpochTime.ToDateTime((start + (i * 1800)) * EpochTime.MicrosPerSecond)), starts);
        var day = Assert.Single(Items(await server.GetAsync($"{Range}&period=P1D"))).GetProperty("metrics").GetProperty("temperature");
        Assert.Equal((40, 19.5), (day.GetProperty("count").GetInt32(), day.GetProperty("mean").GetDouble()));
        Assert.Equal((0, 39), (day.GetProperty("min").GetDouble(), day.GetProperty("max").GetDouble()));
        Assert.Equal(Math.Sqrt(((40.0 * 40) - 1) / 12), day.GetProperty("stddev").GetDouble(), 9);
    }

    [Fact]
    public async Task A_day_is_reported_as_JSON_CSV_and_HTML()
    {
        var start = new DateTimeOffset(2026, 1, 6, 10, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        var readings = string.Join(',', Enumerable.Range(0, 60)
            .Select(i => $$"""{"sensor_id":706,"timestamp":{{start + (i * 60)}},"temperature":{{i % 2}}}"""));
        Assert.Equal(HttpStatusCode.Accepted, (await server.PostAsync("readings", $"[{readings}]")).Status);
        const string Report = "reports/2026-01-06?sensor_id=706&every=1m";
        await Until.Async(
            async () => (await server.GetAsync(Report)).GetProperty("sensors").EnumerateArray()
                .Select(reported => reported.GetProperty("readings").GetInt32()).SequenceEqual([60]),
            () => server.Status.ToString(),
            Patience);

        var sensor = (await server.GetAsync(Report)).GetProperty("sensors")[0];
        // From its first reading at 10:00 on.
        Assert.Equal((706, 780), (sensor.GetProperty("sensor_id").GetInt32(), sensor.GetProperty("missing").GetInt32()));
        var temperature = Assert.Single(sensor.GetProperty("measurements").EnumerateArray());
        var day = temperature.GetProperty("day");
        Assert.Equal(0.5, day.GetProperty("average").GetDouble());
        Assert.Equal((0, 1), (day.GetProperty("min").GetDouble(), day.GetProperty("max").GetDouble()));
        var hours = temperature.GetProperty("hours").EnumerateArray().Index().Where(hour => hour.Item.ValueKind == JsonValueKind.Object);
        Assert.Equal([10], hours.Select(hour => hour.Index));
        var csv = await server.Http.GetStringAsync(ApiServer.UriOf($"{Report}&format=csv"), Cancellation);
        Assert.Contains("\n2026-01-06,706,,,temperature,60,0,1,0.5,0.5,780,", csv, StringComparison.Ordinal);
        using var page = await server.Http.GetAsync(ApiServer.UriOf($"{Report}&format=html"), Cancellation);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains("<svg", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_OpenAPI_document_has_every_path_and_only_the_APIs()
    {
        var document = await server.GetAsync("openapi.json");

        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        string[] expected =
        [
            "/api/v1/alerts", "/api/v1/alerts/{alert_id}", "/api/v1/alerts/{alert_id}/intervals",
            "/api/v1/alerts/{alert_id}/acknowledge", "/api/v1/events",
            "/api/v1/readings", "/api/v1/reports/{date}", "/api/v1/sensors", "/api/v1/sensors/{sensor_id}",
            "/api/v1/sensors/{sensor_id}/windows", "/api/v1/sensors/{sensor_id}/windows.csv", "/api/v1/status",
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
        var post = document.GetProperty("paths").GetProperty("/api/v1/readings").GetProperty("post");
        Assert.True(post.GetProperty("responses").TryGetProperty("429", out _));
    }

    [Fact]
    public async Task The_status_is_that_of_the_cluster()
    {
        await Until.Async(
            async () => (await server.GetAsync("status")).GetProperty("is_healthy").GetBoolean(), () => server.Status.ToString(), Patience);

        var status = await server.GetAsync("status");
        Assert.Single(status.GetProperty("silos").EnumerateArray());
        Assert.Equal(4, status.GetProperty("partitions").GetArrayLength());
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement page) => page.GetProperty("items").EnumerateArray();

    /// <returns>The number of temperatures in a window.</returns>
    private static int CountOf(JsonElement window) =>
        window.GetProperty("metrics").TryGetProperty("temperature", out var temperature) ? temperature.GetProperty("count").GetInt32() : 0;
}
