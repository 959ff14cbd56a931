using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>5,000 random requests, or 100,000 in the long form.</summary>
[Trait("Category", "System")]
public sealed class ApiFuzzTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const int AtOnce = 8;
    private static readonly int Requests = TestLength.IsLong ? 100_000 : 5_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Paths =
    [
        "readings", "sensors", "sensors/{0}", "sensors/{0}/windows", "sensors/{0}/windows.csv", "alerts", "alerts/{0}",
        "alerts/{0}/acknowledge", "silences", "silences/{0}", "registry", "registry/{0}", "reports/{0}", "status", "openapi.json", "{0}",
    ];

    private static readonly string[] Parameters =
        ["from", "to", "period", "cursor", "limit", "sensor_id", "level", "kind", "status", "condition", "every", "format",
            "tag", "q", "place", "sensor"];

    private static readonly string[] Words =
    [
        "", "0", "7", "-1", "2147483648", "99999999999999999999", "NaN", "1e9", "null", "true", "2026-11-24",
        "0001-01-01", "9999-12-31T23:59:59.9999999Z", "PT1H", "P1D", "P9999D",
        "PT15M", "10m", "csv", "html", "open", "ERROR", "extreme", "reporting", "raised,cleared",
        "%00", "%ff", "%", "'; DROP TABLE alerts; --", "<script>", "../../etc/passwd", "ünïcödé", "😀", "1,2,,3",
        "0-00000000000000000000000000000000", "-62135596800000000", "253402300799999999",
        "9223372036854775807", "00000000-0000-0000-0000-000000000000", " ", "\u2028",
    ];

    private static readonly string[] Values =
    [
        "{\"display_name\":\"\\ud800\"}", "{\"tags\":{\"a\":\"b\"},\"overrides\":{\"timeout\":\"\\ud800\"}}", "{\"latitude\":1e400}",
        "{}", "[]", "null", "7", "\"x\"", "[[[[]]]]", "{\"by\":null}",
        "{\"by\":\"\\ud800\"}", "{\"by\":\"a\\u0000\"}", "{\"by\":\"me\",\"note\":[]}", "{\"sensor_id\":1}",
        "{\"sensor_id\":1,\"for\":\"1s\",\"by\":\"me\",\"reason\":\"r\"}", "{\"matchers\":[\"a=~(.{1,30}){1,30}\",null,7]}",
        "{\"matchers\":[\"kind=~.+\",\"sensor_id=~(a+)+b\"],\"for\":\"P1D\",\"by\":\"me\",\"reason\":\"\\ud800\"}",
        "{\"matchers\":[\"kind=\\u0000\"],\"starts_at\":\"9999-12-31\",\"for\":\"9999d\",\"by\":\"me\",\"reason\":\"r\"}",
        "{\"sensor_id\":1,\"timestamp\":\"now\"}", "{\"sensor_id\":-1,\"timestamp\":1732400000}", "{", "]",
        "\ufeff{}", "{\"a\":1}{\"a\":2}", "[1,]", "{\"sensor_id\":1,\"timestamp\":1e400}",
    ];

    [Fact]
    public async Task No_request_is_answered_with_a_server_error_and_no_reading_that_was_accepted_is_lost()
    {
        var seed = Environment.TickCount;
        var before = server.Status.Totals.Readings;
        var (accepted, answers) = (0L, new int[600]);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Requests),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (i, cancellationToken) =>
            {
                using var request = Make(new Random(unchecked(seed + i)));
                using var response = await server.Http.SendAsync(request, cancellationToken);
                var body = await response.Content.ReadAsStringAsync(cancellationToken);
                Interlocked.Increment(ref answers[(int)response.StatusCode]);
                var sent = $"seed {seed}, request {i}: {request.Method} {request.RequestUri}";
                Assert.True((int)response.StatusCode < 500, $"{sent} {(int)response.StatusCode} {body}");
                if (response.StatusCode == HttpStatusCode.Accepted)
                {
                    Interlocked.Add(ref accepted, JsonDocument.Parse(body).RootElement.GetProperty("accepted").GetInt32());
                }
                else if (!response.IsSuccessStatusCode && IsForApi(request, response))
                {
                    await Problem.AssertAsync(response, response.StatusCode);
                }
            });

        Assert.True(accepted > 0);
        await Until.Async(
            () => server.Status.Totals.Readings - before >= accepted,
            () => $"{server.Status.Totals.Readings - before} of {accepted}",
            Patience);
        Assert.Equal(accepted, server.Status.Totals.Readings - before);
        var counts = string.Join(", ", answers.Index().Where(code => code.Item > 0).Select(code => $"{code.Item} times {code.Index}"));
        Figures.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"api: {Requests} random requests, seed {seed}: {counts}; {accepted} readings accepted, all of them in windows"));
    }

    /// <summary>Kestrel refuses a malformed request line with an empty 400, and a path such as ../../ can leave the API.</summary>
    private static bool IsForApi(HttpRequestMessage request, HttpResponseMessage response) =>
        request.RequestUri!.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal)
        && (response.StatusCode != HttpStatusCode.BadRequest || response.Content.Headers.ContentLength != 0);

    private static HttpRequestMessage Make(Random random)
    {
        var path = string.Format(CultureInfo.InvariantCulture, Pick(random, Paths), Escape(random, Pick(random, Words)));
        var query = string.Join(
            '&', Enumerable.Range(0, random.Next(4)).Select(_ => $"{Pick(random, Parameters)}={Escape(random, Pick(random, Words))}"));
        var isPost = random.Next(2) == 0;
        var method = !isPost ? random.Next(20) == 0 ? HttpMethod.Delete : HttpMethod.Get
            : !path.StartsWith("registry/", StringComparison.Ordinal) ? HttpMethod.Post
            : random.Next(2) == 0 ? HttpMethod.Put
            : HttpMethod.Patch;
        var request = new HttpRequestMessage(method, $"/api/v1/{path}?{query}");
        if (isPost)
        {
            var body = random.Next(3) == 0 ? Readings(random) : Pick(random, Values);
            request.Content = new StringContent(body, Encoding.UTF8, random.Next(10) == 0 ? "text/plain" : "application/json");
        }

        return request;
    }

    private static string Readings(Random random)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var items = Enumerable.Range(0, random.Next(1, 20))
            .Select(_ => random.Next(100) == 0 ? Pick(random, Values) : Reading(random, now));
        return $"[{string.Join(',', items)}]";
    }

    private static string Reading(Random random, long now)
    {
        var (sensor, timestamp, temperature) = (random.Next(5000, 5050), now - random.Next(3600), random.NextDouble() * 40);
        return string.Create(
            CultureInfo.InvariantCulture, $$"""{"sensor_id":{{sensor}},"timestamp":{{timestamp}},"temperature":{{temperature}}}""");
    }

    private static string Escape(Random random, string word) =>
        random.Next(4) == 0 && !word.Any(c => c is '?' or '#' or ' ' or '\u2028') ? word : Uri.EscapeDataString(word);

    private static T Pick<T>(Random random, T[] of) => of[random.Next(of.Length)];
}
