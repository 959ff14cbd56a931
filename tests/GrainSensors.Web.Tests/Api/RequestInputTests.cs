using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GrainSensors.Web.Api;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Compressed bodies, and parameters of pages.</summary>
[Trait("Category", "System")]
public sealed class RequestInputTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task Readings_are_accepted_compressed(string encoding)
    {
        var json = $$"""{"sensor_id":709,"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"temperature":21.5}""";

        using var answer = await PostCompressedAsync(encoding, Encoding.UTF8.GetBytes(json));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    [Theory]
    [InlineData("application/x-ndjson", "{0}\n{0}\n{0}\n", 3)]
    [InlineData("application/jsonl; charset=utf-8", "\uFEFF\r\n{0}\r\n\r\n{0}", 2)]
    [InlineData("application/x-ndjson", "{0}", 1)]
    public async Task Lines_are_readings(string type, string lines, int readings)
    {
        var (status, accepted) = await PostLinesAsync(type, lines);

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(readings, accepted.GetProperty("accepted").GetInt32());
    }

    [Theory]
    [InlineData("{0}\n{\"sensor_id\":709}\n{0}", "1 of 3 items is invalid, item 1: ")]
    [InlineData("{0}\n{\"sensor_id\":\n", "not valid JSON: line 3, ")]
    [InlineData("[{0}]\n{0}", "1 of 2 items is invalid, item 0: ")]
    [InlineData("\n\n", "empty")]
    public async Task A_request_with_an_invalid_line_is_refused_as_a_whole(string lines, string says)
    {
        var (status, problem) = await PostLinesAsync("application/x-ndjson", lines);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_lines_are_refused()
    {
        var (status, _) = await PostLinesAsync(
            "application/x-ndjson", string.Concat(Enumerable.Repeat("{}\n", ReadingIntake.MaxItems + 1)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
    }

    [Fact]
    public async Task A_compressed_body_is_limited_by_its_size_after_decompression()
    {
        using var answer = await PostCompressedAsync("gzip", new byte[64 * 1024 * 1024]);

        var detail = await Problem.AssertAsync(answer, HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("MaxRequestBytes", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_or_broken_encoding_is_refused()
    {
        using var unknown = await PostAsync("zstd", "x"u8.ToArray());
        Assert.Contains("got \"zstd\"", await Problem.AssertAsync(unknown, HttpStatusCode.UnsupportedMediaType), StringComparison.Ordinal);
        Assert.Equal("gzip, br, deflate", string.Join(", ", unknown.Headers.GetValues("Accept-Encoding")));
        using var broken = await PostAsync("gzip", "not gzip"u8.ToArray());
        Assert.Contains("Content-Encoding", await Problem.AssertAsync(broken, HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/alerts?Sensor=x")]
    [InlineData("/alerts?sensor=%1b[31mEVIL&status=none")]
    [InlineData("/sensors/7?from=2026-11-29")]
    [InlineData("/sensors/7?from=abc")]
    [InlineData("/sensors/7?to=%00")]
    [InlineData("/sensors/7?from=99999999999999999999&to=-1")]
    [InlineData("/sensors/7?from=2026-11-29&to=2026-11-28&period=x&measurement=y&range=z")]
    public async Task A_page_takes_any_parameter(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        using var answer = await server.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain('\u001b', await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("/%00")]
    [InlineData("/sensors/%00")]
    [InlineData("/sensors/7%00")]
    [InlineData("/api/v1/%00")]
    [InlineData("/api/v1/sensors/%00")]
    [InlineData("/api/v1/sensors/7/windows%00")]
    [InlineData("/api/v1/alerts/%00/intervals")]
    [InlineData("/api/v1/reports/%00")]
    [InlineData("/health/%00")]
    [InlineData("/dashboard/%00")]
    [InlineData("/_framework/%00")]
    [InlineData("/app.css%00")]
    public async Task A_path_with_U_0000_is_refused(string path)
    {
        using var answer = await server.Http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        Assert.True(
            answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{path}: {(int)answer.StatusCode}");
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> PostLinesAsync(string type, string lines)
    {
        var reading = $$"""{"sensor_id":709,"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"temperature":21.5}""";
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(lines.Replace("{0}", reading, StringComparison.Ordinal)));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var answer = await server.Http.PostAsync(ApiServer.UriOf("readings"), content, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation));
    }

    private static Stream Compress(string encoding, Stream output) => encoding switch
    {
        "gzip" => new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true),
        "br" => new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true),
        "deflate" => new ZLibStream(output, CompressionLevel.Optimal, leaveOpen: true),
        _ => throw new ArgumentOutOfRangeException(nameof(encoding)),
    };

    private async Task<HttpResponseMessage> PostCompressedAsync(string encoding, byte[] body)
    {
        if (encoding == "identity")
        {
            return await PostAsync(encoding, body);
        }

        using var compressed = new MemoryStream();
        using (var stream = Compress(encoding, compressed))
        {
            stream.Write(body);
        }

        return await PostAsync(encoding, compressed.ToArray());
    }

    private async Task<HttpResponseMessage> PostAsync(string encoding, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        return await server.Http.PostAsync(ApiServer.UriOf("readings"), content, Cancellation);
    }
}
