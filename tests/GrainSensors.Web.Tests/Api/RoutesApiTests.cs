using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Routes through the API of a whole pipeline.</summary>
[Trait("Category", "System")]
public sealed class RoutesApiTests : IAsyncLifetime
{
    private const string Routes =
        """{"contacts":["fixed"],"group_by":["city"],"routes":[{"match":["kind=extreme"],"contacts":[],"""
        + """ "steps":[{"after":"15m","contacts":["fixed"]}]}]}""";

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

        _server.Settings["Contacts:0:Name"] = "fixed";
        _server.Settings["Contacts:0:Kind"] = "ntfy";
        _server.Settings["Contacts:0:Settings:topic"] = "sensors";
        await _server.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Routes_are_put_read_tested_and_removed_by_version_and_audited()
    {
        var (_, none, first) = await SendAsync(HttpMethod.Get, "routes");
        Assert.Equal(
            (0, JsonValueKind.Null, "\"0\""),
            (none.GetProperty("version").GetInt32(), none.GetProperty("routes").ValueKind, first));
        var (status, put, tag) = await SendAsync(HttpMethod.Put, "routes", Routes, ifMatch: first);
        Assert.Equal((HttpStatusCode.OK, 1, "\"1\"", "bob"), (
            status, put.GetProperty("version").GetInt32(), tag, put.GetProperty("changed_by").GetString()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(HttpMethod.Put, "routes", Routes, ifMatch: first)).Status);
        var (_, read, _) = await SendAsync(HttpMethod.Get, "routes");
        Assert.Equal(Routes.Replace(" ", "", StringComparison.Ordinal), read.GetProperty("routes").GetRawText());

        Assert.Equal(
            """{"route":"{}/{kind=\"extreme\"}","contacts":[],"group":{"city":"Valencia"},"muted":false,"""
            + "\"steps\"" + """:[{"after_seconds":900,"contacts":["fixed"]}]}""",
            (await TestAsync("""{"labels":{"city":"Valencia","kind":"extreme"}}""")).GetRawText());
        Assert.Equal("{}", (await TestAsync("""{"labels":{"kind":"disconnected"}}""")).GetProperty("route").GetString());
        Assert.Empty((await TestAsync("""{"labels":{},"routes":{"contacts":[]}}""")).GetProperty("contacts").EnumerateArray());

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, "routes", ifMatch: "\"1\"")).Status);
        Assert.Equal("fixed", (await TestAsync("""{"labels":{}}""")).GetProperty("contacts")[0].GetString());
        foreach (var (action, version) in new[] { ("routes-set", "version 1"), ("routes-remove", "version 2") })
        {
            var (_, audit, _) = await SendAsync(HttpMethod.Get, $"audit?action={action}");
            Assert.Equal(version, audit.GetProperty("items")[0].GetProperty("target").GetString());
        }
    }

    [Theory]
    [InlineData("PUT", "routes", """{"contacts":["pigeon"]}""", "contacts: there is no contact point \"pigeon\".")]
    [InlineData("PUT", "routes", """{"contacts":[],"routes":[{"match":["city"]}]}""", "routes[0].match[0] must be LABEL=VALUE")]
    [InlineData("PUT", "routes", """{"rutas":[]}""", "rutas is not a member of routes")]
    [InlineData("PUT", "routes", "null", "must be an object")]
    [InlineData("PUT", "routes", "[]", "has a value of another type")]
    [InlineData("POST", "routes/test", "{}", "labels is missing")]
    [InlineData("POST", "routes/test", """{"labels":{},"routes":{}}""", "contacts is missing")]
    public async Task Invalid_routes_are_refused_with_the_member(string method, string path, string body, string detail)
    {
        var (status, problem, _) = await SendAsync(new(method), path, body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_administrators_see_and_change_routes()
    {
        foreach (var (method, path) in new[] { ("GET", "routes"), ("PUT", "routes"), ("DELETE", "routes"), ("POST", "routes/test") })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(new(method), path, key: GuardedHost.Reader.Key)).Status);
        }
    }

    private async Task<JsonElement> TestAsync(string body)
    {
        var (status, answer, _) = await SendAsync(HttpMethod.Post, "routes/test", body);
        Assert.True(status == HttpStatusCode.OK, $"{answer}");
        return answer.GetProperty("items")[0];
    }

    private async Task<(HttpStatusCode Status, JsonElement Body, string? Tag)> SendAsync(
        HttpMethod method, string path, string? body = null, string? key = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, ApiServer.UriOf(path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? GuardedHost.Admin.Key);
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _server.Http.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, response.Headers.ETag?.ToString());
    }
}
