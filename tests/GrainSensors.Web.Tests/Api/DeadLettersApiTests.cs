using System.Net;
using System.Text;
using System.Text.Json;
using GrainSensors.Ingest.Producing;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Dead letters through the API of a whole pipeline.</summary>
[Trait("Category", "System")]
public sealed class DeadLettersApiTests : IAsyncLifetime
{
    private const string NotJson = "no reading at all";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ApiServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public async ValueTask InitializeAsync() => await _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task They_are_counted_listed_and_shown()
    {
        await RejectAsync(NotJson, $$"""{"sensor_id":"","timestamp":{{Now}},"temperature":21}""", NotJson + "!");

        var list = await _server.GetAsync("dead-letters?limit=2");
        Assert.Equal(3, list.GetProperty("total").GetInt32());
        Assert.Equal("""{"not-json":2,"invalid-sensor-id":1}""", list.GetProperty("by_reason").GetRawText());
        Assert.Equal(3, list.GetProperty("by_hour").EnumerateArray().Sum(count => count.GetProperty("count").GetInt32()));
        Assert.Equal(2, list.GetProperty("items").GetArrayLength());
        var filtered = await _server.GetAsync("dead-letters?reason=invalid-sensor-id&source=sensor-data&from=2026-01-01");
        var item = Assert.Single(filtered.GetProperty("items").EnumerateArray());
        var shown = await _server.GetAsync($"dead-letters/{TextOf(item, "dead_letter_id")}");
        Assert.Equal(item.GetRawText(), shown.GetProperty("dead_letter").GetRawText());
        Assert.Contains("\"temperature\":21", shown.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal(shown.GetProperty("text").GetString(), Encoding.UTF8.GetString(shown.GetProperty("base64").GetBytesFromBase64()));
        foreach (var none in new[] { "source=elsewhere", "to=2026-01-01", "state=requeued", "reason=expired,tombstone" })
        {
            Assert.Equal(0, (await _server.GetAsync($"dead-letters?{none}")).GetProperty("total").GetInt32());
        }
    }

    [Fact]
    public async Task One_that_is_corrected_becomes_a_reading_once()
    {
        var id = (await RejectAsync(NotJson)).Single();
        var readings = _server.Status.Totals.Readings;
        var body = JsonSerializer.Serialize(new { value = $$"""{"sensor_id":7,"timestamp":{{Now}},"temperature":21}""" });

        var (status, report) = await _server.PostAsync($"dead-letters/{id}/requeue", body);

        Assert.Equal((HttpStatusCode.OK, 1, 0), (status, CountOf(report, "requeued"), CountOf(report, "rejected_again")));
        await Until.Async(
            () => _server.Status.Totals.Readings == readings + 1, () => $"{_server.Status.Totals.Readings} readings", Patience);
        Assert.Equal(0, CountOf(await _server.GetAsync("dead-letters"), "total"));
        var requeued = Assert.Single((await _server.GetAsync("dead-letters?state=requeued")).GetProperty("items").EnumerateArray());
        Assert.NotNull(TextOf(requeued, "requeued_at"));
        var (_, again) = await _server.PostAsync($"dead-letters/{id}/requeue", body);
        Assert.Equal((0, 1), (CountOf(again, "requeued"), CountOf(again, "already_requeued")));
        var audit = await _server.GetAsync("audit?action=dead-letter-requeue");
        var entry = Assert.Single(audit.GetProperty("items").EnumerateArray());
        Assert.Equal((id, "1 dead letter, edited"), (TextOf(entry, "target"), TextOf(entry, "detail")));
    }

    [Fact]
    public async Task Those_that_the_pipeline_would_reject_again_are_requeued_only_when_that_is_accepted()
    {
        var expired = """{"sensor_id":7,"timestamp":1000000000,"temperature":21}""";
        await RejectAsync(NotJson, expired);

        var (dry, plan) = await _server.PostAsync("dead-letters/requeue", """{"all_open":true,"dry_run":true}""");
        Assert.Equal((HttpStatusCode.OK, 2, 2), (dry, CountOf(plan, "requeued"), CountOf(plan, "rejected_again")));
        var (refused, problem) = await _server.PostAsync("dead-letters/requeue", """{"all_open":true}""");
        Assert.Equal(HttpStatusCode.Conflict, refused);
        Assert.Equal(
            "2 of 2 messages would be rejected again (1 expired, 1 not-json), so nothing was requeued. "
            + "Correct them, or send \"accept_rejected\": true to requeue them as they are.",
            TextOf(problem, "detail"));
        Assert.Equal(2, CountOf(await _server.GetAsync("dead-letters"), "total"));

        var rejected = _server.Status.Totals.Rejected;
        var (_, report) = await _server.PostAsync("dead-letters/requeue", """{"reasons":["expired"],"accept_rejected":true}""");
        Assert.Equal((1, 1), (CountOf(report, "requeued"), CountOf(report, "rejected_again")));
        await Until.Async(() => _server.Status.Totals.Rejected == rejected + 1, () => _server.Status.ToString(), Patience);
    }

    [Theory]
    [InlineData("{}", 400, "Select dead letters by one of ids")]
    [InlineData("""{"ids":["0:1"],"all_open":true}""", 400, "Select dead letters by one of ids")]
    [InlineData("""{"ids":["0-1"]}""", 400, "dead_letter_id must be PARTITION:OFFSET such as 0:17; got \"0-1\".")]
    [InlineData("""{"ids":["0:4711"]}""", 404, "has no dead letter 0:4711; nothing was requeued.")]
    [InlineData("""{"reasons":["bad"]}""", 400, "reason must be one of not-json, ")]
    [InlineData("""{"source":"a:b"}""", 400, "source must be TOPIC, TOPIC:PARTITION or TOPIC:PARTITION:OFFSET; got \"a:b\".")]
    [InlineData("""{"from":"2026-01-02","to":"2026-01-01"}""", 400, "from must be before to")]
    [InlineData("""{"all":true}""", 400, "$.all is invalid")]
    public async Task An_invalid_selection_is_refused_with_the_cure(string body, int expected, string detail)
    {
        var (status, problem) = await _server.PostAsync("dead-letters/requeue", body);
        Assert.Equal(expected, (int)status);
        Assert.Contains(detail, TextOf(problem, "detail"), StringComparison.Ordinal);
    }

    /// <returns>The ids of the dead letters.</returns>
    private async Task<IReadOnlyList<string>> RejectAsync(params string[] messages)
    {
        var producer = _server.Services.GetRequiredService<ReadingProducer>();
        foreach (var message in messages)
        {
            await producer.AppendAsync(9, Encoding.UTF8.GetBytes(message), cancellationToken: Stop);
        }

        var list = default(JsonElement);
        await Until.Async(
            async () => CountOf(list = await _server.GetAsync("dead-letters"), "total") == messages.Length, () => $"{list}", Patience);
        return [.. list.GetProperty("items").EnumerateArray().Select(item => TextOf(item, "dead_letter_id")!)];
    }

    private static int CountOf(JsonElement body, string member) => body.GetProperty(member).GetInt32();

    private static string? TextOf(JsonElement body, string member) => body.GetProperty(member).GetString();
}
