using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Silences through the API of a whole pipeline with access keys.</summary>
[Trait("Category", "System")]
public sealed class SilencesApiTests : IAsyncLifetime
{
    private const string Rest = "\"for\":\"2h\",\"reason\":\"new probe\"";

    private readonly ApiServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var (index, (_, options)) in new[] { GuardedHost.Reader, GuardedHost.Admin }.Index())
        {
            _server.Settings[$"Http:Keys:{index}:Name"] = options.Name;
            _server.Settings[$"Http:Keys:{index}:Hash"] = options.Hash;
            _server.Settings[$"Http:Keys:{index}:Role"] = $"{options.Role}";
        }

        await _server.InitializeAsync();
        await _server.Store.Sensors.WriteAsync([new(7, "Valencia"), new(8, "Vigo")], Stop);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Silences_are_added_listed_seen_at_alerts_ended_and_audited()
    {
        var raised = EpochTime.Now(TimeProvider.System);
        await _server.Store.Alerts.WriteAsync(
            [
                .. ((int[])[7, 8]).Select(sensor => new Storage.Alerts.Alert(
                    AlertId.Of(sensor, "temperature", AlertKind.Extreme, raised), sensor, "temperature", AlertKind.Extreme,
                    AlertLevel.Warning, raised, raised, null, 1, 61.2, 21.4, raised, "too warm")),
            ],
            Stop);
        var (status, added) = await SendAsync("POST", "silences", $$"""{"matchers":["city=~Val.*"," kind = extreme "],{{Rest}}}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(
            ("""["city=~\"Val.*\"","kind=\"extreme\""]""", "active", "bob", false),
            (TextsOf(added), TextOf(added, "status"), TextOf(added, "by"), added.GetProperty("all").GetBoolean()));
        Assert.Equal(
            TimeSpan.FromHours(2), added.GetProperty("ends_at").GetDateTime() - added.GetProperty("starts_at").GetDateTime());
        var (_, alerts) = await SendAsync("GET", "alerts?kind=extreme", key: GuardedHost.Reader.Key);
        Assert.Equal(
            [(7, added.GetProperty("ends_at").GetString()), (8, null)],
            alerts.GetProperty("items").EnumerateArray()
                .Select(alert => (alert.GetProperty("sensor_id").GetInt32(), TextOf(alert, "silenced_until"))).Order());

        var (_, sensor) = await SendAsync(
            "POST", "silences", $$"""{"sensor_id":7,"starts_at":"2190-01-01T01:00:00+01:00",{{Rest}},"by":"Ada"}""");
        Assert.Equal(
            (7, "pending", "2190-01-01T00:00:00Z", "bob for Ada"),
            (sensor.GetProperty("sensor_id").GetInt32(), TextOf(sensor, "status"), TextOf(sensor, "starts_at"), TextOf(sensor, "by")));
        var (_, all) = await SendAsync(
            "POST", "silences", """{"all":true,"starts_at":"2020-01-01","ends_at":"2189-12-31T23:00","reason":"move"}""");
        Assert.True(all.GetProperty("all").GetBoolean() && TextOf(all, "status") == "active", $"{all}");
        var (_, list) = await SendAsync("GET", "silences", key: GuardedHost.Reader.Key);
        Assert.Equal([added.GetRawText(), all.GetRawText(), sensor.GetRawText()], list.EnumerateArray().Select(item => item.GetRawText()));

        var id = TextOf(added, "id");
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync("DELETE", $"silences/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("DELETE", $"silences/{id}")).Status);
        Assert.Equal(["bob: all sensors", "bob: sensor 7", "bob: {city=~\"Val.*\", kind=\"extreme\"}"], await AuditAsync("silence-add"));
        Assert.Equal(["bob: "], await AuditAsync("silence-end"));
    }

    [Theory]
    [InlineData("{}", "Give one of sensor_id, matchers and")]
    [InlineData("""{"all":false,"for":"1h","reason":"r"}""", "Give one of sensor_id, matchers and")]
    [InlineData("""{"all":true,"sensor_id":7,"for":"1h","reason":"r"}""", "Give one of sensor_id, matchers and")]
    [InlineData("""{"all":true,"for":"1h"}""", "reason is missing")]
    [InlineData("""{"all":true,"for":"1h","reason":" "}""", "reason is missing")]
    [InlineData("""{"all":true,"for":"1h","reason":"a\u0007"}""", "reason must not contain control characters")]
    [InlineData("""{"all":true,"reason":"r"}""", "Give either for, such as \"2h\", or ends_at.")]
    [InlineData("""{"all":true,"for":"1h","ends_at":"2190-01-01","reason":"r"}""", "Give either for")]
    [InlineData("""{"all":true,"for":"0s","reason":"r"}""", "for must be a duration such as")]
    [InlineData("""{"all":true,"for":"10001d","reason":"r"}""", "at most 10000d; got \"10001d\".")]
    [InlineData("""{"all":true,"starts_at":"9999-12-31","for":"9999d","reason":"r"}""", "before the year 10000")]
    [InlineData("""{"all":true,"ends_at":"soon","reason":"r"}""", "ends_at must be a time such as")]
    [InlineData("""{"all":true,"starts_at":"","for":"1h","reason":"r"}""", "starts_at must be a time such as")]
    [InlineData("""{"all":true,"ends_at":"2020-01-01","reason":"r"}""", "ends_at must be in the future; got 2020-01-01T00:00:00Z.")]
    [InlineData("""{"all":true,"starts_at":"2190-01-02","ends_at":"2190-01-01","reason":"r"}""", "ends_at must be after starts_at")]
    [InlineData("""{"matchers":[],"for":"1h","reason":"r"}""", "matchers must have 1 to 32 conditions")]
    [InlineData("""{"matchers":["city"],"for":"1h","reason":"r"}""", "matchers[0] must be LABEL=VALUE")]
    [InlineData("""{"matchers":["city=~.*"],"for":"1h","reason":"r"}""", "a condition that an absent label does not fulfil")]
    [InlineData("""{"matchers":["city=~["],"for":"1h","reason":"r"}""", "matchers[0] has an invalid regular expression")]
    [InlineData("""{"sensor_id":"bath","for":"1h","reason":"r"}""", "Sensor \"bath\" is unknown")]
    [InlineData("""{"sensor_id":-1.5,"for":"1h","reason":"r"}""", "$.sensor_id is invalid")]
    [InlineData("""{"matcher":["city=Vigo"],"for":"1h","reason":"r"}""", "$.matcher is invalid")]
    [InlineData("null", "The body is missing")]
    public async Task An_invalid_silence_is_refused_with_the_member_and_the_cure(string body, string detail)
    {
        var (status, problem) = await SendAsync("POST", "silences", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("[]", (await SendAsync("GET", "silences")).Body.GetRawText());
    }

    [Fact]
    public async Task Texts_and_the_number_of_silences_are_limited_and_only_administrators_change_them()
    {
        foreach (var (member, length) in new[] { ("reason", 1_001), ("by", 101) })
        {
            var text = new string('x', length);
            var body = member == "by" ? $$"""{"all":true,{{Rest}},"by":"{{text}}"}""" : $$"""{"all":true,"for":"1h","reason":"{{text}}"}""";
            var (_, problem) = await SendAsync("POST", "silences", body);
            Assert.Contains($"{member} must have at most {length - 1} characters", TextOf(problem, "detail"), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("POST", "silences", "{}", GuardedHost.Reader.Key)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("DELETE", $"silences/{Guid.Empty}", key: GuardedHost.Reader.Key)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("GET", "silences", key: "gsk_of_a_stranger")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("DELETE", "silences/7")).Status);
        var now = EpochTime.Now(TimeProvider.System);
        for (var i = 0; i < 1_000; i++)
        {
            await _server.Store.Silences.AddAsync(
                new(Guid.CreateVersion7(), i, now, now + (3600 * EpochTime.MicrosPerSecond), "ana", "new probe"), Stop);
        }

        var (status, full) = await SendAsync("POST", "silences", $$"""{"all":true,{{Rest}}}""");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("There are 1000 active and future silences; end some", TextOf(full, "detail"), StringComparison.Ordinal);
    }

    private static string? TextOf(JsonElement body, string member) => body.GetProperty(member).GetString();

    private static string TextsOf(JsonElement silence) =>
        silence.GetProperty("matchers").GetRawText().Replace("\\u0022", "\\\"", StringComparison.Ordinal);

    private async Task<IEnumerable<string>> AuditAsync(string action)
    {
        var (_, page) = await SendAsync("GET", $"audit?action={action}");
        return page.GetProperty("items").EnumerateArray().Select(entry => $"{TextOf(entry, "actor")}: {TextOf(entry, "detail")}");
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        string method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(new(method), ApiServer.UriOf(path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? GuardedHost.Admin.Key);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _server.Http.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }
}
