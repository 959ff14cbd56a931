using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Rules as data through the API of a whole pipeline.</summary>
[Trait("Category", "System")]
public sealed class RulesApiTests : IAsyncLifetime
{
    private const string Warm =
        """{"kind":"threshold","selector":{"measurement":"temperature"},"above":30,"labels":{"team":"ops"},"""
        + """ "runbook":"https://example.org/warm","message":"{{ value }} > {{ limit }} for {{ labels.team }}"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ApiServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        foreach (var (index, (_, options)) in new[] { GuardedHost.Reader, GuardedHost.Admin }.Index())
        {
            _server.Settings[$"Http:Keys:{index}:Name"] = options.Name;
            _server.Settings[$"Http:Keys:{index}:Hash"] = options.Hash;
            _server.Settings[$"Http:Keys:{index}:Role"] = $"{options.Role}";
        }

        return _server.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Rules_are_added_read_changed_by_version_removed_and_audited()
    {
        var (status, put, first) = await SendAsync(HttpMethod.Put, "rules/warm", Warm, ifNoneMatch: "*");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal($"\"{put.GetProperty("version")}\"", first);
        Assert.Equal("bob", put.GetProperty("changed_by").GetString());
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(HttpMethod.Put, "rules/warm", Warm, ifNoneMatch: "*")).Status);

        var (changed, _, second) = await SendAsync(HttpMethod.Put, "rules/warm", Warm.Replace("30", "31", StringComparison.Ordinal), first);
        Assert.Equal(HttpStatusCode.OK, changed);
        Assert.NotEqual(first, second);
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete })
        {
            var (refused, problem, _) = await SendAsync(method, "rules/warm", method == HttpMethod.Put ? Warm : null, first);
            Assert.Equal(HttpStatusCode.PreconditionFailed, refused);
            Assert.Contains($"has version {second!.Trim('"')} by now", Detail(problem), StringComparison.Ordinal);
        }

        var (_, read, tag) = await SendAsync(HttpMethod.Get, "rules/warm", key: GuardedHost.Reader.Key);
        Assert.Equal((31, second), (read.GetProperty("rule").GetProperty("above").GetInt32(), tag));
        var (_, list, _) = await SendAsync(HttpMethod.Get, "rules", key: GuardedHost.Reader.Key);
        Assert.Equal("warm", Assert.Single(list.EnumerateArray()).GetProperty("id").GetString());

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, "rules/warm", ifMatch: second)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Delete, "rules/warm")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "rules/warm")).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(HttpMethod.Put, "rules/warm", Warm, second)).Status);
        foreach (var (action, count) in new[] { ("rule-set", 2), ("rule-remove", 1) })
        {
            var (_, audit, _) = await SendAsync(HttpMethod.Get, $"audit?action={action}");
            Assert.Equal(
                count, audit.GetProperty("items").EnumerateArray().Count(item => item.GetProperty("target").GetString() == "warm"));
        }
    }

    [Theory]
    [InlineData("warm", "[]", "must be a JSON object such as")]
    [InlineData("warm", "{}", "\"kind\" is missing")]
    [InlineData("warm", """{"kind":"threshold"}""", "\"selector\" is missing")]
    [InlineData("warm", """{"kind":"heat","selector":{"measurement":"temperature"}}""", "\"kind\" must be ")]
    [InlineData("warm", """{"kind":"threshold","selector":{"measurement":"rain"},"above":1}""", "must be a declared measurement")]
    [InlineData("warm", """{"kind":"threshold","selector":{"measurement":"temperature"}}""", "\"above\" or \"below\" is missing")]
    [InlineData("warm", """{"id":"cold","kind":"threshold","selector":{"measurement":"temperature"},"above":1}""", "must be \"warm\"")]
    [InlineData("warm", """{"kind":"threshold","selector":{"measurement":"temperature"},"above":1,"upon":2}""", "\"upon\"")]
    [InlineData(
        "warm",
        """{"kind":"threshold","selector":{"measurement":"temperature"},"above":1,"message":"{% for i in (1..9) %}x{% endfor %}"}""",
        "\"message\" is not a valid template")]
    [InlineData("extreme", """{"kind":"threshold","selector":{"measurement":"temperature"},"above":1}""", "other than disconnected and")]
    [InlineData("%C3%A9", """{"kind":"threshold","selector":{"measurement":"temperature"},"above":1}""", "lower-case letters")]
    public async Task An_invalid_rule_is_refused_with_the_member(string id, string body, string detail)
    {
        var (status, problem, _) = await SendAsync(HttpMethod.Put, $"rules/{id}", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(detail, Detail(problem), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "\"per\" is missing; give the size of a window, such as 15m.")]
    [InlineData("\"per\":\"15m\",", "\"statistic\" is missing; give mean, min, max, range, stddev, count, sum or a percentile from ")]
    [InlineData("\"per\":\"15m\",\"statistic\":\"median\",", "\"statistic\" must be mean, min, max, range, stddev, count, sum or a ")]
    [InlineData("\"per\":\"0s\",\"statistic\":\"mean\",", "\"per\" must be a duration above 0, such as ")]
    [InlineData("\"per\":\"15m\",\"statistic\":\"mean\",\"below\":29,\"hysteresis\":1,", "\"above\" must exceed \"below\" by more than")]
    public async Task A_rule_about_windows_is_accepted_or_refused_with_the_member(string members, string detail)
    {
        const string Mean =
            """{"kind":"window","selector":{"measurement":"temperature"},"per":"15m","statistic":"p95","above":30,"hysteresis":1}""";
        var (status, put, _) = await SendAsync(HttpMethod.Put, "rules/mean", Mean);
        Assert.True(status is HttpStatusCode.Created or HttpStatusCode.OK, $"{status} {put}");
        var (_, read, _) = await SendAsync(HttpMethod.Get, "rules/mean", key: GuardedHost.Reader.Key);
        Assert.Equal("p95", read.GetProperty("rule").GetProperty("statistic").GetString());
        Assert.Equal(JsonValueKind.Null, read.GetProperty("problem").ValueKind);

        var (refused, problem, _) = await SendAsync(
            HttpMethod.Put, "rules/mean",
            $"{{\"kind\":\"window\",\"selector\":{{\"measurement\":\"temperature\"}},{members}\"above\":30}}");
        Assert.Equal(HttpStatusCode.BadRequest, refused);
        Assert.Contains(detail, Detail(problem), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("If-Match", "seven")]
    [InlineData("If-None-Match", "\"7\"")]
    public async Task An_invalid_version_is_refused(string header, string value)
    {
        var (status, problem, _) = await SendAsync(
            HttpMethod.Put, "rules/warm", Warm, header == "If-Match" ? value : null, header == "If-Match" ? null : value);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(header, Detail(problem), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_administrators_change_rules()
    {
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Delete })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(method, "rules/warm", Warm, key: GuardedHost.Reader.Key)).Status);
        }
    }

    [Fact]
    public async Task A_rule_judges_the_readings_that_follow_and_keeps_its_alerts_until_it_is_disabled()
    {
        await SendAsync(HttpMethod.Put, "rules/warm", Warm);
        await SendAsync(HttpMethod.Put, "rules/hot", Warm.Replace("30", "40", StringComparison.Ordinal));
        var alert = await UntilAlertAsync("raised", temperature: 35);
        Assert.Equal(
            ("threshold", "WARNING", "Sensor 7: 35 > 30 for ops", "https://example.org/warm", "ops"),
            (
                alert.GetProperty("kind").GetString(), alert.GetProperty("level").GetString(), alert.GetProperty("message").GetString(),
                alert.GetProperty("runbook").GetString(), alert.GetProperty("labels").GetProperty("team").GetString()));

        await SendAsync(HttpMethod.Put, "rules/warm", Warm.Replace("30", "25", StringComparison.Ordinal));
        await SendAsync(HttpMethod.Delete, "rules/hot");
        var same = await UntilAlertAsync("raised", temperature: 28);
        Assert.Equal(alert.GetProperty("alert_id").GetString(), same.GetProperty("alert_id").GetString());

        await SendAsync(HttpMethod.Put, "rules/warm", Warm.Replace("{\"kind\"", "{\"enabled\":false,\"kind\"", StringComparison.Ordinal));
        var cleared = await UntilAlertAsync("cleared", temperature: 28);
        Assert.Equal(alert.GetProperty("alert_id").GetString(), cleared.GetProperty("alert_id").GetString());
    }

    [Fact]
    public async Task A_rule_by_tags_judges_the_registered_sensors_that_have_them()
    {
        foreach (var (sensor, room) in new[] { (7, "kitchen"), (8, "cellar") })
        {
            await SendAsync(HttpMethod.Put, $"registry/{sensor}", $$$"""{"tags":{"room":"{{{room}}}"}}""");
        }

        await SendAsync(HttpMethod.Put, "rules/warm", Warm.Replace(
            "\"temperature\"}", "\"temperature\",\"tags\":{\"room\":\"kitchen\"}}", StringComparison.Ordinal));
        await SendAsync(HttpMethod.Put, "rules/all", Warm);
        await UntilAsync("alerts?kind=threshold", [7, 8], alerts => alerts.Length == 3);
        Assert.Equal([7], await SensorsAsync("warm"));
        Assert.Equal([7, 8], await SensorsAsync("all"));

        async Task<IEnumerable<int>> SensorsAsync(string rule) =>
            (await SendAsync(HttpMethod.Get, "alerts?kind=threshold")).Body.GetProperty("items").EnumerateArray()
            .Where(alert => alert.GetProperty("rule").GetString() == rule)
            .Select(alert => alert.GetProperty("sensor_id").GetInt32()).Order();
    }

    [Fact]
    public async Task A_rule_about_groups_raises_one_alert_for_their_sensors()
    {
        foreach (var sensor in new[] { 7, 8, 9 })
        {
            await SendAsync(HttpMethod.Put, $"registry/{sensor}", $$$"""{"tags":{"gateway":"{{{(sensor == 9 ? "b" : "a")}}}"}}""");
        }

        await SendAsync(HttpMethod.Put, "rules/warm", Warm);
        await SendAsync(
            HttpMethod.Put, "rules/gateway", """{"kind":"group","selector":{},"by":["gateway"],"of":["warm"],"least":"100%"}""");
        await UntilAsync("alerts?kind=group", [7], _ => true, 1);
        Assert.Empty((await SendAsync(HttpMethod.Get, "alerts?kind=group")).Body.GetProperty("items").EnumerateArray());
        var group = Assert.Single(await UntilAsync("alerts?kind=group", [7, 8], alerts => alerts.Length == 1));
        Assert.Equal(
            (JsonValueKind.Null, "gateway", "a", "gateway=a: 2 of 2 sensors in alarm (warm), rule gateway"),
            (
                group.GetProperty("sensor_id").ValueKind, group.GetProperty("rule").GetString(),
                group.GetProperty("sensor_group").GetProperty("gateway").GetString(), group.GetProperty("message").GetString()));
        var id = group.GetProperty("alert_id").GetString();
        await UntilAsync(
            "alerts?kind=threshold", [7, 8], alerts => alerts.All(alert => alert.GetProperty("group_alert_id").GetString() == id));
        await SendAsync(HttpMethod.Delete, "rules/gateway");
        await UntilAsync("alerts?kind=group&status=cleared", [7, 8], alerts => alerts.Length == 1);
    }

    /// <summary>Sends warm readings of sensors until the alerts are as expected.</summary>
    private async Task<JsonElement[]> UntilAsync(string path, int[] sensors, Predicate<JsonElement[]> isDone, int least = 0)
    {
        JsonElement[] found = [];
        var rounds = 0;
        await Until.Async(
            async () =>
            {
                var readings = sensors.Select(sensor =>
                    $"{{\"sensor_id\":{sensor},\"timestamp\":{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()},\"temperature\":35}}");
                var (status, _, _) = await SendAsync(HttpMethod.Post, "readings", $"[{string.Join(',', readings)}]");
                Assert.Equal(HttpStatusCode.Accepted, status);
                found = [.. (await SendAsync(HttpMethod.Get, path)).Body.GetProperty("items").EnumerateArray()];
                return isDone(found) && rounds++ >= least;
            },
            () => string.Join(", ", found),
            Patience);
        return found;
    }

    /// <summary>Sends readings until the only alert of a rule has the status.</summary>
    private async Task<JsonElement> UntilAlertAsync(string status, double temperature)
    {
        JsonElement[] found = [];
        await Until.Async(
            async () =>
            {
                var reading = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"sensor_id\":7,\"timestamp\":{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()},\"temperature\":{temperature}}}");
                Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(HttpMethod.Post, "readings", reading)).Status);
                found = [.. (await SendAsync(HttpMethod.Get, "alerts?kind=threshold")).Body.GetProperty("items").EnumerateArray()];
                return found.Length == 1 && found[0].GetProperty("status").GetString() == status;
            },
            () => $"{status}: {string.Join(", ", found)}",
            Patience);
        Assert.Equal("warm", found[0].GetProperty("rule").GetString());
        return found[0];
    }

    private static string? Detail(JsonElement problem) => problem.GetProperty("detail").GetString();

    private async Task<(HttpStatusCode Status, JsonElement Body, string? Tag)> SendAsync(
        HttpMethod method, string path, string? body = null, string? ifMatch = null, string? ifNoneMatch = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, ApiServer.UriOf(path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? GuardedHost.Admin.Key);
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _server.Http.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, response.Headers.ETag?.ToString());
    }
}
