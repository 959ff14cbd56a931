using System.Net;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Alert changes and closed windows as Server-Sent Events.</summary>
[Trait("Category", "System")]
public sealed class EventStreamTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_alert_is_listed_acknowledged_and_streamed()
    {
        using var events = await ListenAsync("events?sensor_id=704");
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("event: ping", await lines.ReadLineAsync(Cancellation));

        var alert = await WriteAsync(704);
        var (id, streamed) = await NextAsync(lines, "alert");
        Assert.Equal(alert.Id, streamed.GetProperty("alert_id").GetGuid());

        var page = await server.GetAsync("alerts?sensor_id=704&status=open&level=warning&kind=extreme");
        var listed = Assert.Single(page.GetProperty("items").EnumerateArray());
        Assert.Equal("raised", listed.GetProperty("status").GetString());
        var (status, now) = await server.PostAsync($"alerts/{alert.Id}/acknowledge", """{"by":"Ada","note":"seen"}""");
        Assert.Equal((HttpStatusCode.OK, "acknowledged"), (status, now.GetProperty("status").GetString()));
        Assert.Equal("Ada", now.GetProperty("acknowledged_by").GetString());
        Assert.Equal("acknowledged", (await NextAsync(lines, "alert")).Data.GetProperty("status").GetString());

        // A resumed stream has the missed changes, and none of the received ones.
        using var missed = await ListenAsync("events?sensor_id=704", id);
        using var missedLines = new StreamReader(await missed.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("acknowledged", (await NextAsync(missedLines, "alert")).Data.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_closed_window_is_streamed_and_resumed()
    {
        using var events = await ListenAsync("events?sensor_id=705&type=window");
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(Cancellation));

        // The second ping has the positions in the topic; the first does not wait for Kafka.
        await NextAsync(lines, "ping");
        var (id, _) = await NextAsync(lines, "ping");
        Assert.Contains('/', id);

        // A window this old closes as soon as the stream time of all partitions is known.
        var (old, now) = (DateTimeOffset.UtcNow.AddDays(-2).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        await ReportAsync(
            $$"""{"sensor_id":705,"timestamp":{{old}},"temperature":20}""", $$"""{"sensor_id":705,"timestamp":{{old}},"temperature":22}""");
        await ReportAsync(
            [.. Enumerable.Range(7500, 40).Select(sensor => $$"""{"sensor_id":{{sensor}},"timestamp":{{now}},"temperature":1}""")]);

        var (_, closed) = await NextAsync(lines, "window");
        Assert.Equal((705, "temperature"), (closed.GetProperty("sensor_id").GetInt32(), closed.GetProperty("metric").GetString()));
        Assert.Equal((2, 21), (closed.GetProperty("count").GetInt32(), closed.GetProperty("mean").GetDouble()));

        using var missed = await ListenAsync("events?sensor_id=705", id);
        using var missedLines = new StreamReader(await missed.Content.ReadAsStreamAsync(Cancellation));
        var (_, again) = await NextAsync(missedLines, "window");
        Assert.Equal(closed.GetProperty("event_id").GetString(), again.GetProperty("event_id").GetString());
    }

    [Fact]
    public async Task Streams_that_resume_together_share_the_readers_of_the_topic()
    {
        const int Streams = 40;
        var before = server.MissedWindowPasses;
        using var events = await ListenAsync("events?sensor_id=708&type=window");
        using var lines = new StreamReader(await events.Content.ReadAsStreamAsync(Cancellation));
        await NextAsync(lines, "ping");
        var (id, _) = await NextAsync(lines, "ping");
        var (old, now) = (DateTimeOffset.UtcNow.AddDays(-2).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        await ReportAsync($$"""{"sensor_id":708,"timestamp":{{old}},"temperature":20}""");
        await ReportAsync(
            [.. Enumerable.Range(7600, 40).Select(sensor => $$"""{"sensor_id":{{sensor}},"timestamp":{{now}},"temperature":1}""")]);
        var (_, closed) = await NextAsync(lines, "window");

        var received = await Task.WhenAll(Enumerable.Range(0, Streams).Select(async _ =>
        {
            using var missed = await ListenAsync("events?sensor_id=708&type=window", id);
            Assert.Equal("no", missed.Headers.GetValues("X-Accel-Buffering").Single());
            using var missedLines = new StreamReader(await missed.Content.ReadAsStreamAsync(Cancellation));
            return (await NextAsync(missedLines, "window")).Data.GetProperty("event_id").GetString();
        }));

        Assert.Equal(closed.GetProperty("event_id").GetString(), Assert.Single(received.Distinct()));
        Assert.InRange(server.MissedWindowPasses - before, 1, Streams / 4);
    }

    [Theory]
    [InlineData("events?type=weather", null, "weather")]
    [InlineData("events?sensor_id=a%09b", null, "a\\tb")]
    [InlineData("events", "17/0.x", "17/0.x")]
    [InlineData("events", "17/0.1/2", "17/0.1/2")]
    public async Task An_invalid_request_is_a_problem_that_names_the_value(string path, string? last, string names)
    {
        using var response = await ListenAsync(path, last);

        Assert.Contains(names, await Problem.AssertAsync(response, HttpStatusCode.BadRequest), StringComparison.Ordinal);
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

    /// <param name="last">The id of the last received event; null: none.</param>
    private async Task<HttpResponseMessage> ListenAsync(string path, string? last = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiServer.UriOf(path));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        return await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
    }

    private async Task ReportAsync(params string[] readings) =>
        Assert.Equal(HttpStatusCode.Accepted, (await server.PostAsync("readings", $"[{string.Join(',', readings)}]")).Status);

    private async Task<Alert> WriteAsync(int sensorId)
    {
        var now = EpochTime.Now(TimeProvider.System);
        var alert = new Alert(
            AlertId.Of(sensorId, "temperature", AlertKind.Extreme, now),
            sensorId, "temperature", AlertKind.Extreme, AlertLevel.Warning, now, now, null, 1, 61.2, 21.4, now, "too warm");
        await server.Store.Alerts.WriteAsync([alert], Cancellation);
        return alert;
    }
}
