using System.Diagnostics;
using System.Net;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Web.Api;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The OpenAPI document is a contract: it is well-formed, complete, and the API keeps it.</summary>
[Trait("Category", "System")]
public sealed class OpenApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Redocly = ".cache/grainsensors/redocly/node_modules/.bin/redocly";

    /// <summary>Values of the path parameters.</summary>
    private static readonly Dictionary<string, string> Samples = new()
    {
        ["sensor_id"] = "7",
        ["source"] = "devices",
        ["date"] = "2026-11-24",
        ["alert_id"] = $"{Guid.Empty}",
        ["dead_letter_id"] = "0:17",
        ["session_id"] = $"{Guid.Empty}",
        ["notification_id"] = $"{Guid.Empty}",
        ["name"] = "kitchen-1",
        ["id"] = $"{Guid.Empty}",
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redocly_finds_no_fault_in_the_document()
    {
        var redocly = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Redocly);
        Assert.SkipUnless(File.Exists(redocly), $"~/{Redocly} is missing; run tests/run.sh on a machine with npm.");
        using var folder = new TemporaryDirectory();
        var document = folder.File("openapi.json");
        await File.WriteAllTextAsync(document, await server.Http.GetStringAsync(ApiServer.UriOf("openapi.json"), Stop), Stop);
        using var lint = Process.Start(new ProcessStartInfo(redocly, ["lint", "--extends=recommended-strict", "--format=summary", document])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
            Environment = { ["REDOCLY_TELEMETRY"] = "off", ["REDOCLY_SUPPRESS_UPDATE_NOTICE"] = "true" },
        })!;
        var (output, error) = (lint.StandardOutput.ReadToEndAsync(Stop), lint.StandardError.ReadToEndAsync(Stop));
        await lint.WaitForExitAsync(Stop);

        Assert.True(lint.ExitCode == 0, $"{await output}\n{await error}");
    }

    [Fact]
    public async Task Every_operation_describes_its_parameters_and_its_errors()
    {
        foreach (var (path, method, operation) in await OperationsAsync())
        {
            var answers = operation.GetProperty("responses").EnumerateObject().Select(answer => answer.Name).ToHashSet();
            Assert.True(answers.IsSupersetOf(["400", "401", "403", "429", "503"]), $"{method} {path}: {string.Join(' ', answers)}");
            Assert.Equal(operation.TryGetProperty("requestBody", out _), answers.Contains("413"));
            Assert.All(ParametersOf(operation), parameter =>
                Assert.False(string.IsNullOrEmpty(parameter.GetProperty("description").GetString()), $"{method} {path}: {parameter}"));
        }
    }

    [Fact]
    public async Task An_operation_that_takes_a_key_of_its_request_names_the_header_of_a_repeated_answer()
    {
        var keyed = (await OperationsAsync()).Where(operation => ParametersOf(operation.Operation).Any(
            parameter => parameter.GetProperty("name").GetString() == KeyedRequests.Header)).ToList();

        Assert.Equal(2, keyed.Count);
        Assert.All(keyed, operation => Assert.True(
            operation.Operation.GetProperty("responses").GetProperty("202").TryGetProperty("headers", out var headers)
            && headers.TryGetProperty(KeyedRequests.ReplayedHeader, out _)));
    }

    [Fact]
    public async Task Every_word_that_a_parameter_lists_is_accepted()
    {
        var words = 0;
        foreach (var (path, _, operation) in (await OperationsAsync()).Where(operation => operation.Method == "get"))
        {
            foreach (var parameter in ParametersOf(operation))
            {
                var schema = parameter.GetProperty("schema");
                schema = schema.TryGetProperty("items", out var item) ? item : schema;
                foreach (var word in schema.TryGetProperty("enum", out var values) ? values.EnumerateArray() : default)
                {
                    Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", $"{path}?{parameter.GetProperty("name")}={word}"));
                    words++;
                }
            }
        }

        Assert.True(words > 10, $"{words} words");
    }

    [Fact]
    public async Task A_parameter_that_an_endpoint_does_not_take_is_refused_by_name()
    {
        foreach (var (path, method, operation) in await OperationsAsync())
        {
            using var request = new HttpRequestMessage(new(method), new Uri(server.Http.BaseAddress!, $"{path}?lmit=5"));
            if (operation.TryGetProperty("requestBody", out _))
            {
                request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
            }

            using var refused = await server.Http.SendAsync(request, Stop);

            var detail = await Problem.AssertAsync(refused, HttpStatusCode.BadRequest);
            Assert.Contains($"\"lmit\" is not a parameter of {path}; ", detail, StringComparison.Ordinal);
        }

        // A parameter of the path is none of the query.
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("GET", "/api/v1/sensors/7/windows?sensor_id=8"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("GET", "/api/v1/sensors/7/windows?LIMIT=8"));
    }

    [Fact]
    public async Task HEAD_is_answered_like_GET_without_a_body()
    {
        string[] pages = ["/", "/alerts", "/sensors/7", "/login", "/health/live", "/metrics", "/api/v1/openapi.json"];
        var paths = (await OperationsAsync()).Where(operation => operation.Method == "get").Select(operation => operation.Path);
        foreach (var path in pages.Concat(paths).Where(path => path != "/api/v1/events"))
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, path);
            using var head = await server.Http.SendAsync(request, Stop);
            using var get = await server.Http.GetAsync(new Uri(path, UriKind.Relative), Stop);

            Assert.True(get.StatusCode == head.StatusCode, $"{path}: {(int)get.StatusCode} and {(int)head.StatusCode}");
            Assert.Equal(get.Content.Headers.ContentType?.MediaType, head.Content.Headers.ContentType?.MediaType);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Stop));
        }

        Assert.Equal(HttpStatusCode.MethodNotAllowed, await StatusAsync("HEAD", "/api/v1/events"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await StatusAsync("DELETE", "/health/live"));
    }

    [Fact]
    public async Task An_answer_that_has_not_changed_is_not_sent_again()
    {
        var path = ApiServer.UriOf("reports/2026-01-09");
        using var first = await server.Http.GetAsync(path, Stop);
        var tag = first.Headers.ETag!;

        using var same = await AskAsync(path, tag);
        using var other = await AskAsync(path, new("\"0\"", isWeak: true));

        Assert.Equal((HttpStatusCode.NotModified, 0), (same.StatusCode, (await same.Content.ReadAsByteArrayAsync(Stop)).Length));
        Assert.Equal((tag, "no-cache, private"), (same.Headers.ETag, same.Headers.CacheControl!.ToString()));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(Stop), await other.Content.ReadAsStringAsync(Stop));

        // A reading of that day changes the report.
        var at = new DateTimeOffset(2026, 1, 9, 10, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        await server.PostAsync("readings", $$"""{"sensor_id":750,"timestamp":{{at}},"temperature":20}""");
        await Until.Async(
            async () =>
            {
                using var changed = await AskAsync(path, tag);
                return changed.StatusCode == HttpStatusCode.OK;
            },
            () => server.Status.ToString(),
            TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_page_that_holds_the_last_item_has_no_next_one()
    {
        var stop = TestContext.Current.CancellationToken;
        var alerts = Enumerable.Range(0, 4).Select(i => new Alert(
            AlertId.Of(760, "", AlertKind.Disconnected, i), 760, "", AlertKind.Disconnected, AlertLevel.Error,
            i, i, null, 1, double.NaN, double.NaN, i, "Sensor 760 is disconnected."));
        await server.Store.Alerts.WriteAsync([.. alerts], stop);

        var first = await server.GetAsync("alerts?sensor_id=760&limit=2");
        var last = await server.GetAsync($"alerts?sensor_id=760&limit=2&cursor={first.GetProperty("next").GetString()}");

        Assert.Equal((2, true), (first.GetProperty("items").GetArrayLength(), first.GetProperty("has_more").GetBoolean()));
        Assert.Equal((2, false), (last.GetProperty("items").GetArrayLength(), last.GetProperty("has_more").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, last.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task The_intervals_of_an_alert_are_listed_by_range_and_page()
    {
        var at = DateTimeOffset.Parse("2026-11-24T10:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        long Micros(int second) => (at.ToUnixTimeSeconds() + second) * 1_000_000;
        var alert = new Alert(
            AlertId.Of(761, "", AlertKind.Disconnected, Micros(0)), 761, "", AlertKind.Disconnected, AlertLevel.Error,
            Micros(0), Micros(0), null, 1, double.NaN, double.NaN, null, "Sensor 761 is disconnected.");
        await server.Store.Alerts.WriteAsync(
            [
                .. Enumerable.Range(0, 10).Select(
                    i => alert with { LastRaisedAt = Micros(60 * i), ClearedAt = Micros((60 * i) + 1), Occurrences = i + 1 }),
            ],
            Stop);
        var path = $"alerts/{alert.Id}/intervals";

        var all = await server.GetAsync(path);
        Assert.Equal(10, all.GetProperty("duration_seconds").GetDouble());
        Assert.Equal((10, false), (all.GetProperty("items").GetArrayLength(), all.GetProperty("has_more").GetBoolean()));
        Assert.Equal(
            """{"occurrence":10,"raised_at":"2026-11-24T10:09:00Z","cleared_at":"2026-11-24T10:09:01Z"}""",
            all.GetProperty("items")[0].GetRawText());

        var first = await server.GetAsync($"{path}?from=2026-11-24T10:03:00Z&limit=4");
        var second = await server.GetAsync($"{path}?from=2026-11-24T10:03:00Z&limit=4&cursor={first.GetProperty("next").GetString()}");
        Assert.Equal([10, 9, 8, 7, 6, 5, 4], OccurrencesOf(first).Concat(OccurrencesOf(second)));
        Assert.Equal((7, 7), (first.GetProperty("duration_seconds").GetDouble(), second.GetProperty("duration_seconds").GetDouble()));
        Assert.Equal((true, false), (first.GetProperty("has_more").GetBoolean(), second.GetProperty("has_more").GetBoolean()));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("get", $"/api/v1/alerts/{Guid.NewGuid()}/intervals"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("get", $"/api/v1/{path}?cursor=9"));

        static IEnumerable<int> OccurrencesOf(JsonElement page) =>
            page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("occurrence").GetInt32());
    }

    private async Task<HttpResponseMessage> AskAsync(Uri path, System.Net.Http.Headers.EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { tag } } };
        return await server.Http.SendAsync(request, Stop);
    }

    private static JsonElement.ArrayEnumerator ParametersOf(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : default;

    /// <returns>The operations with a path that can be requested.</returns>
    private async Task<List<(string Path, string Method, JsonElement Operation)>> OperationsAsync() =>
    [
        .. from path in (await server.GetAsync("openapi.json")).GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           select (Sample(path.Name), operation.Name, operation.Value),
    ];

    private static string Sample(string path) =>
        Samples.Aggregate(path, (text, sample) => text.Replace($"{{{sample.Key}}}", sample.Value, StringComparison.Ordinal));

    private async Task<HttpStatusCode> StatusAsync(string method, string path)
    {
        using var request = new HttpRequestMessage(new(method), path);

        // Event streams last as long as the client wants.
        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        return answer.StatusCode;
    }
}
