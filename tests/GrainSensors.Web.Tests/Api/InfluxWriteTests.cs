using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GrainSensors.Web.Api;
using GrainSensors.Web.Tests.Access;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Requests as clients of InfluxDB send them, from the request to the row.</summary>
[Trait("Category", "System")]
public sealed class InfluxWriteTests : IAsyncLifetime
{
    private const string Tuesday = "windows?from=2026-11-24&to=2026-11-25";

    private readonly ApiServer _server = new()
    {
        Settings =
        {
            ["Sources:0:Name"] = "telegraf",
            ["Sources:0:Topics:0"] = "telegraf",
            ["Sources:0:Preset"] = "influx",
            ["Sources:1:Name"] = "lorawan",
            ["Sources:1:Topics:0"] = "lorawan",
            ["Sources:1:Preset"] = "chirpstack",
        },
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _server.UseKeys();
        return _server.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>plugins/outputs/influxdb_v2/http.go of Telegraf 1.38, with the settings of its sample.</summary>
    [Fact]
    public async Task A_batch_of_Telegraf_is_in_its_windows()
    {
        using var request = Request("/api/v2/write?bucket=telegraf&org=", """
            cpu,cpu=cpu-total,host=pi1 usage_idle=98.5,usage_user=1i 1795515300000000000
            mem,host=pi1 used_percent=42.25,total=1024u 1795515300000000000

            """, gzip: true);
        request.Headers.TryAddWithoutValidation("User-Agent", "Telegraf/1.38.0 Go/1.25.4");
        using var response = await _server.Http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Stop));
        await UntilStoredAsync("pi1", "\"cpu_usage_idle\"", "98.5", "\"mem_used_percent\"", "42.25", "2026-11-24T10:15:00Z");
    }

    [Theory]
    [InlineData("/api/v2/write?bucket=TELEGRAF&orgID=0123456789abcdef&precision=s", "1795515300")]
    [InlineData("/api/v2/write?org=o&bucket=telegraf&precision=ms", "1795515300000")]
    [InlineData("/write?db=telegraf&precision=u&rp=autogen&consistency=one", "1795515300000000")]
    [InlineData("/write?db=telegraf&precision=n", "1795515300000000000")]
    public async Task The_precision_of_the_request_is_the_unit_of_its_times(string path, string time)
    {
        using var response = await SendAsync(path, $"weather,host=pi2 temperature=21.25 {time}");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await UntilStoredAsync("pi2", "21.25", "2026-11-24T10:15:00Z");
    }

    [Fact]
    public async Task The_good_lines_of_a_batch_apply_and_the_bad_ones_are_named_and_become_a_dead_letter()
    {
        using var response = await SendAsync("/api/v2/write?bucket=telegraf", """
            weather,host=pi3 temperature=21.75 1795515300000000000
            weather,host=pi3 temperature
            weather humidity=60 1795515300000000000
            """);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var body = await BodyAsync(response);
        Assert.Equal("invalid", body.GetProperty("code").GetString());
        var message = body.GetProperty("message").GetString()!;
        Assert.StartsWith("partial write: 1 of 3 readings are stored", message, StringComparison.Ordinal);
        Assert.Contains("first reading 1 (malformed)", message, StringComparison.Ordinal);
        Assert.EndsWith("dropped=2", message, StringComparison.Ordinal);
        await UntilStoredAsync("pi3", "21.75");
        await Until.Async(
            () => _server.Status.Totals.Rejects.ByReason.GetValueOrDefault("malformed") == 1, () => $"{_server.Status}",
            TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("/api/v2/write?bucket=attic", "m,host=a b=1", HttpStatusCode.NotFound, "not found", "there are telegraf")]
    [InlineData("/api/v2/write?bucket=lorawan", "m,host=a b=1", HttpStatusCode.NotFound, "not found", "of the format influx")]
    [InlineData("/api/v2/write?org=o", "m,host=a b=1", HttpStatusCode.BadRequest, "invalid", "bucket is missing")]
    [InlineData("/api/v2/write?bucket=telegraf", "", HttpStatusCode.BadRequest, "invalid", "The body is empty")]
    [InlineData("/api/v2/write?bucket=telegraf", "# nothing", HttpStatusCode.BadRequest, "invalid", "Nothing was stored")]
    [InlineData("/api/v2/write?bucket=telegraf&precision=h", "m,host=a b=1", HttpStatusCode.BadRequest, "invalid", "ms, s; got \"h\"")]
    public async Task A_refusal_has_the_members_of_InfluxDB_and_the_cure(
        string path, string lines, HttpStatusCode expected, string code, string cure)
    {
        using var response = await SendAsync(path, lines);
        Assert.Equal(expected, response.StatusCode);
        var body = await BodyAsync(response);
        Assert.Equal(code, body.GetProperty("code").GetString());
        Assert.Contains(cure, body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_1_gets_its_own_member()
    {
        using var response = await SendAsync("/write?db=attic", "m,host=a b=1");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("\"attic\" not found", (await BodyAsync(response)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_answered_with_413_so_that_the_client_divides_it()
    {
        using var many = await SendAsync(
            "/api/v2/write?bucket=telegraf", string.Concat(Enumerable.Repeat("m,host=a b=1\n", ReadingIntake.MaxItems + 1)));
        using var large = await SendAsync("/api/v2/write?bucket=telegraf", $"m,host=a b=\"{new string('x', SourceIntake.MaxBytes)}\"");

        Assert.All([many, large], response => Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode));
        Assert.Equal("request too large", (await BodyAsync(many)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Without_Kafka_the_client_is_told_when_to_send_again()
    {
        _server.Broker.SetDown(true);
        using var response = await SendAsync("/api/v2/write?bucket=telegraf", "m,host=a b=1");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        Assert.Equal("unavailable", (await BodyAsync(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_key_comes_as_a_token_of_InfluxDB_or_as_a_password_and_others_are_refused()
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"telegraf:{GuardedHost.Admin.Key}"));
        string[] good = [$"Token {GuardedHost.Admin.Key}", $"token {GuardedHost.Admin.Key}", $"Basic {basic}"];
        string[] bad = ["Token gsk_wrong", "Basic !", $"Basic {Convert.ToBase64String("nothing"u8)}", "Token "];
        foreach (var (authorization, expected) in good.Select(text => (text, HttpStatusCode.NoContent))
            .Concat(bad.Select(text => (text, HttpStatusCode.Unauthorized))))
        {
            using var response = await SendAsync("/api/v2/write?bucket=telegraf", "m,host=a b=1", authorization);
            Assert.Equal(expected, response.StatusCode);
        }

        using var read = await SendAsync("/api/v2/write?bucket=telegraf", "m,host=a b=1", $"Token {GuardedHost.Reader.Key}");
        Assert.Equal(HttpStatusCode.Forbidden, read.StatusCode);
        Assert.Equal("forbidden", (await BodyAsync(read)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Anybody_may_ask_whether_the_server_is_there()
    {
        using var response = await _server.Http.GetAsync(new Uri("/ping", UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task The_mapping_of_a_source_is_compiled_once()
    {
        for (var i = 0; i < 20; i++)
        {
            using var response = await SendAsync("/api/v2/write?bucket=telegraf", "m,host=a b=1");
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }

        Assert.Equal(1, _server.Services.GetRequiredService<SourceReaders>().Compiled);
    }

    private static HttpRequestMessage Request(string path, string lines, string? authorization = null, bool gzip = false)
    {
        var bytes = Encoding.UTF8.GetBytes(lines);
        var content = new ByteArrayContent(gzip ? Compressed(bytes) : bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain") { CharSet = "utf-8" };
        if (gzip)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", authorization ?? $"Token {GuardedHost.Admin.Key}");
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string lines, string? authorization = null)
    {
        using var request = Request(path, lines, authorization);
        return await _server.Http.SendAsync(request, Stop);
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage response) =>
        JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Stop));

    private static byte[] Compressed(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionMode.Compress))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }

    private Task UntilStoredAsync(string sensor, params string[] expected)
    {
        var last = "";
        return Until.Async(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, ApiServer.UriOf($"sensors/{sensor}/{Tuesday}"));
                request.Headers.Authorization = new("Bearer", GuardedHost.Reader.Key);
                using var response = await _server.Http.SendAsync(request, Stop);
                last = await response.Content.ReadAsStringAsync(Stop);
                return expected.All(text => last.Contains(text, StringComparison.Ordinal));
            },
            () => $"{last}\n{_server.Status}",
            TimeSpan.FromSeconds(30));
    }
}
