using System.Text;
using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Ingest.Producing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The page of dead letters.</summary>
public sealed class DeadLettersPageTests(Chromium chromium, ConsoleServer server)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_found_looked_at_corrected_and_requeued_once()
    {
        await RejectAsync("""{"sensor_id":9301,"timestamp":"soon","temperature":21}""");
        var page = await chromium.OpenAsync(server, "/dead-letters?reason=invalid-timestamp");
        var row = page.Locator(".items li", new() { HasText = "9301" });
        await UntilShownAsync(page, row);
        await row.GetByRole(AriaRole.Button, new() { Name = "View message" }).ClickAsync();
        await Expect(page.GetByLabel("Message", new() { Exact = true })).ToContainTextAsync("\"sensor_id\": 9301");
        await page.AssertAccessibleAsync();
        await Chromium.ShootAsync(page, "dead-letters");

        // As it is, the pipeline would reject it again.
        await row.GetByRole(AriaRole.Button, new() { Name = "Requeue message" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("1 of 1 message would be rejected again (1 invalid-timestamp)");
        await page.GetByLabel("Corrected message").FillAsync(
            $$"""{"sensor_id":9301,"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"temperature":21}""");
        await row.GetByRole(AriaRole.Button, new() { Name = "Requeue corrected message" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("1 message requeued.");
        await Expect(page.Locator("#list")).ToBeFocusedAsync();
        await Expect(row).ToHaveCountAsync(0);
        await page.GetByLabel("State").SelectOptionAsync("requeued");
        await Expect(row).ToContainTextAsync("requeued 20");
        Assert.EndsWith("/dead-letters?reason=invalid-timestamp&state=requeued", page.Url, StringComparison.Ordinal);
        await page.GotoAsync($"{server.Address}/sensors/9301");
        await Expect(page.Locator("main")).ToContainTextAsync("21");
        var audit = await server.Store.Access.Audit.QueryAsync(new(), Stop);
        Assert.Contains(audit, entry => entry is { Action: "dead-letter-requeue", Detail: "1 dead letter, edited" });
    }

    [Fact]
    public async Task Several_messages_are_selected_and_requeued_though_they_are_rejected_again_when_that_is_wanted()
    {
        await RejectAsync("first of two", "second of two");
        var page = await chromium.OpenAsync(server, "/dead-letters?reason=not-json");
        var rows = page.Locator(".items li", new() { HasText = "of two" });
        await UntilShownAsync(page, rows.Nth(1));
        foreach (var row in await rows.AllAsync())
        {
            await row.GetByRole(AriaRole.Checkbox).CheckAsync();
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Requeue 2 selected messages" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("2 of 2 messages would be rejected again (2 not-json)");
        await page.GetByRole(AriaRole.Button, new() { Name = "Requeue anyway" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("2 messages requeued, 2 will be rejected again.");
    }

    [Theory]
    [InlineData("range=2h", "range must be one of 24h, 1h, 7d, 30d, all; got \"2h\".")]
    [InlineData("state=closed", "state must be one of open, requeued, all; got \"closed\".")]
    [InlineData("reason=%3Cb%3E", "reason must be one of not-json, ")]
    [InlineData("source=a:b", "source must be TOPIC, TOPIC:PARTITION or TOPIC:PARTITION:OFFSET; got \"a:b\".")]
    public async Task An_invalid_address_is_answered_with_a_sentence(string query, string sentence)
    {
        var page = await chromium.OpenAsync(server, $"/dead-letters?{query}");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(sentence);
    }

    private async Task RejectAsync(params string[] messages)
    {
        var producer = server.Services<ReadingProducer>();
        foreach (var message in messages)
        {
            await producer.AppendAsync(9, Encoding.UTF8.GetBytes(message), cancellationToken: Stop);
        }
    }

    /// <summary>The pipeline may not have read the messages yet. Rows stay as they are until the person wants to see new ones.</summary>
    private static async Task UntilShownAsync(IPage page, ILocator row) => await Until.Async(
        async () =>
        {
            await page.Locator(".tools button").ClickAsync();
            return await row.CountAsync() > 0;
        },
        () => page.Url,
        TimeSpan.FromSeconds(30));
}
