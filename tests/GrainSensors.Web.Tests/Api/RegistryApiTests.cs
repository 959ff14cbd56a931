using System.Net;
using System.Text;
using System.Text.Json;
using GrainSensors.Hosting.Access;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The registry over HTTP.</summary>
[Trait("Category", "System")]
public sealed class RegistryApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Kitchen =
        """
        {"display_name":"Küche","tags":{"room":"kitchen","floor":"2"},"city":"A Coruña","station":"Torre",
        "latitude":43.4,"longitude":-8.4,"time_zone":"Europe/Madrid","diff_temperature":0.5,"overrides":{"timeout":"3m"}}
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("registry/put-1", "put-1")]
    [InlineData("registry/_?sensor=put%2F2", "put/2")]
    [InlineData("registry/8301", "8301")]
    public async Task An_entry_is_put_read_changed_and_removed(string path, string sensor)
    {
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("GET", path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("PATCH", path, "{}")).Status);
        var (status, created) = await SendAsync("PUT", path, Kitchen);
        Assert.Equal((HttpStatusCode.Created, sensor), (status, $"{created.GetProperty("sensor_id")}"));
        var entry = await server.GetAsync(path);
        Assert.Equal(created.GetRawText(), entry.GetRawText());
        Assert.Equal("""{"floor":"2","room":"kitchen"}""", entry.GetProperty("tags").GetRawText());
        Assert.Equal(-8.4, entry.GetProperty("longitude").GetDouble());
        Assert.Equal("3m", entry.GetProperty("overrides").GetProperty("timeout").GetString());

        (status, var changed) = await SendAsync("PATCH", path, """{"tags":{"floor":null,"unit":"a"},"city":null}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"room":"kitchen","unit":"a"}""", changed.GetProperty("tags").GetRawText());
        Assert.Equal(JsonValueKind.Null, changed.GetProperty("city").ValueKind);
        Assert.Equal("Küche", changed.GetProperty("display_name").GetString());

        (status, var replaced) = await SendAsync("PUT", path, changed.GetRawText());
        Assert.Equal((HttpStatusCode.OK, changed.GetRawText()), (status, replaced.GetRawText()));
        (_, replaced) = await SendAsync("PUT", path, "{}");
        Assert.Equal(JsonValueKind.Null, replaced.GetProperty("display_name").ValueKind);
        Assert.Equal("{}", replaced.GetProperty("tags").GetRawText());

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync("DELETE", path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("DELETE", path)).Status);
        var audit = (await server.GetAsync("audit?limit=5")).GetProperty("items").EnumerateArray()
            .Where(item => item.GetProperty("target").GetString() == sensor).Select(item => item.GetProperty("action").GetString());
        Assert.Equal([AuditActions.SensorRemove, AuditActions.SensorSet, AuditActions.SensorSet, AuditActions.SensorSet], audit.Take(4));
    }

    [Theory]
    [InlineData("registry/together-1")]
    [InlineData("registry/7302")]
    public async Task Of_patches_at_the_same_time_none_is_lost(string path)
    {
        await SendAsync("PUT", path, "{}");

        var statuses = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(async i => (await SendAsync("PATCH", path, $"{{\"tags\":{{\"t{i}\":\"x\"}}}}")).Status));

        Assert.All(statuses, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(20, (await server.GetAsync(path)).GetProperty("tags").EnumerateObject().Count());
    }

    [Theory]
    [InlineData("[]", "An entry must be a JSON object")]
    [InlineData("{", "not valid JSON")]
    [InlineData("""{"displayname":"x"}""", "\"displayname\" is not a member of an entry; known are display_name, tags")]
    [InlineData("""{"tags":{"a b":"c"}}""", "The tag \"a b=c\" must have a key of letters")]
    [InlineData("""{"tags":{"floor":2}}""", "floor must be a text, or null to remove the tag; got 2")]
    [InlineData("""{"latitude":91,"longitude":0}""", "latitude must be a number from -90 to 90; got 91")]
    [InlineData("""{"latitude":1}""", "A position needs latitude and longitude")]
    [InlineData("""{"time_zone":"Madrid"}""", "time_zone must be an IANA id such as Europe/Madrid; got \"Madrid\"")]
    [InlineData("""{"overrides":{"timeout":"soon"}}""", "The overrides of sensor bad-1 are invalid. \"timeout\" must be a duration")]
    [InlineData("""{"sensor_id":"\ud800"}""", "sensor_id must be that of the path, bad-1; got")]
    [InlineData("""{"\ud800":1}""", "half of a surrogate pair")]
    [InlineData("""{"city":"a\u0007b"}""", "characters, none of them a control or format character; got \"a\\u0007b\"")]
    [InlineData("""{"station":"a\u202eb"}""", "station must have at most 200 characters, none of them a control or format character; got")]
    [InlineData("""{"display_name":"a\nb"}""", "display_name must have at most 200 characters")]
    [InlineData("""{"sensor_id":"other"}""", "sensor_id must be that of the path, bad-1; got \"other\"")]
    public async Task An_invalid_entry_is_refused_by_name_and_gives_the_sensor_no_number(string body, string part)
    {
        var (status, problem) = await SendAsync("PUT", "registry/bad-1", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(part, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(-1, Assert.Single(await server.Store.Names.FindAsync(["bad-1"], Stop)));
    }

    [Fact]
    public async Task Overrides_are_merged_by_PATCH_and_replaced_by_PUT()
    {
        await SendAsync("PUT", "registry/merge-1", """{"overrides":{"timeout":"3m","temperature":{"low":1,"high":9},"humidity":false}}""");
        var (status, changed) = await SendAsync(
            "PATCH", "registry/merge-1", """{"overrides":{"timeout":null,"temperature":{"low":null,"high":8},"humidity":{"low":5}}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"temperature":{"high":8},"humidity":{"low":5}}""", changed.GetProperty("overrides").GetRawText());
        (_, changed) = await SendAsync("PATCH", "registry/merge-1", """{"overrides":{"coolDown":"1m"}}""");
        Assert.Equal(3, changed.GetProperty("overrides").EnumerateObject().Count());
        (_, changed) = await SendAsync("PATCH", "registry/merge-1", """{"overrides":null}""");
        Assert.Equal(JsonValueKind.Null, changed.GetProperty("overrides").ValueKind);
        (_, changed) = await SendAsync("PATCH", "registry/merge-1", """{"overrides":{"timeout":"3m"}}""");
        Assert.Equal("""{"timeout":"3m"}""", changed.GetProperty("overrides").GetRawText());
        (_, changed) = await SendAsync("PUT", "registry/merge-1", """{"overrides":{"coolDown":"1m"}}""");
        Assert.Equal("""{"coolDown":"1m"}""", changed.GetProperty("overrides").GetRawText());
    }

    [Fact]
    public async Task Blanks_around_texts_are_removed()
    {
        var (_, entry) = await SendAsync("PUT", "registry/blank-1", """{"display_name":" Hall ","city":"\tVigo","station":" "}""");
        Assert.Equal(("Hall", "Vigo"), (entry.GetProperty("display_name").GetString(), entry.GetProperty("city").GetString()));
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("station").ValueKind);
    }

    [Fact]
    public async Task A_body_of_other_bytes_or_of_another_type_is_refused_by_name()
    {
        byte[] latin1 = [.. "{\"sensor_id\":\""u8, 0xe9, .. "\"}"u8];
        using var bytes = new ByteArrayContent(latin1) { Headers = { ContentType = new("application/json") } };
        using var answer = await server.Http.PutAsync(ApiServer.UriOf("registry/bytes-1"), bytes, Stop);
        Assert.Contains("not UTF-8", await Problem.AssertAsync(answer, HttpStatusCode.BadRequest), StringComparison.Ordinal);

        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        using var refused = await server.Http.PatchAsync(ApiServer.UriOf("registry/bytes-1"), text, Stop);
        var detail = await Problem.AssertAsync(refused, HttpStatusCode.UnsupportedMediaType);
        Assert.Contains("application/merge-patch+json", detail, StringComparison.Ordinal);
        Assert.Contains("application/jsonl", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_are_listed_by_tag_text_and_place_in_pages_and_in_the_fleet()
    {
        foreach (var (sensor, body) in new[]
        {
            ("8401", Kitchen), ("list-b", Kitchen), ("list-a", """{"tags":{"room":"bath"},"city":"Lugo"}"""), ("8400", "{}"),
        })
        {
            await SendAsync("PUT", $"registry/{sensor}", body);
        }

        Assert.Equal(["8401", "list-b"], await ListAsync("registry?tag=room%3Dkitchen&tag=floor%3D2"));
        Assert.Equal(["8401", "list-b"], await ListAsync("registry?q=torre%20CORUNA"));
        Assert.Equal(["8401"], await ListAsync("registry?q=kuche%20840"));
        Assert.Equal(["list-a"], await ListAsync("registry?place=lugo"));
        Assert.Equal(["list-a"], await ListAsync("registry?q=room%3Dbath"));
        Assert.Equal(["8400", "8401", "list-a", "list-b"], (await ListAsync("registry?limit=1")).Where(id => id[0] is '8' or 'l'));
        await Until.Async(
            async () => (await ListAsync("sensors?tag=room%3Dkitchen&limit=1")).SequenceEqual(["8401", "list-b"]),
            () => "not in the fleet",
            TimeSpan.FromSeconds(60));
        var found = (await server.GetAsync("sensors?sensor=list-b")).GetProperty("items")[0];
        Assert.Equal(("Küche", "Torre"), (found.GetProperty("display_name").GetString(), found.GetProperty("station").GetString()));
        var (status, problem) = await SendAsync("GET", "registry?tag=room");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("KEY=VALUE", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    /// <returns>The sensors of all pages.</returns>
    private async Task<List<string>> ListAsync(string path)
    {
        var sensors = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await server.GetAsync(cursor.Length == 0 ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}");
            sensors.AddRange(page.GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("sensor_id")}"));
            cursor = page.GetProperty("next").GetString();
        }

        return sensors;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new(method), ApiServer.UriOf(path));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await server.Http.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }
}
