using System.Text.Json;
using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Rules;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The page of rules.</summary>
public sealed class RulesPageTests(Chromium chromium, ConsoleServer server)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rule_is_refused_with_the_line_added_disabled_edited_and_removed()
    {
        var page = await chromium.OpenAsync(server, "/rules");
        await Expect(page.Locator("[aria-labelledby=built-in] li").First).ToContainTextAsync("disconnected");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rules" }).ClickAsync();
        var text = page.GetByLabel("Rules (YAML or JSON)");
        await Expect(text).ToBeFocusedAsync();
        await text.FillAsync("id: heat\nkind: [threshold\n");
        await Save(page).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Line ");
        await text.FillAsync("id: heat\nkind: threshold\nselector: {measurement: temperature}\n");
        await Save(page).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("\"above\" or \"below\" is missing");
        await page.AssertAccessibleAsync();

        await text.FillAsync("id: heat\nkind: threshold\nselector: {measurement: temperature}\nabove: 300\n");
        await Save(page).ClickAsync();
        var row = page.Locator(".items li", new() { HasText = "heat" });
        await Expect(row).ToContainTextAsync("Temperature of all sensors");
        await row.GetByRole(AriaRole.Button, new() { Name = "Disable rule heat" }).ClickAsync();
        await Expect(row.GetByText("Disabled", new() { Exact = true })).ToBeVisibleAsync();
        Assert.False((await FindAsync("heat")).GetProperty("enabled").GetBoolean());
        await row.GetByRole(AriaRole.Button, new() { Name = "Enable rule heat" }).ClickAsync();

        await row.GetByRole(AriaRole.Button, new() { Name = "Edit rule heat" }).ClickAsync();
        await page.GetByLabel("Rule (YAML or JSON)").FillAsync(
            "id: heat\nkind: threshold\nselector: {measurement: temperature}\nabove: 310\nseverity: ERROR\n");
        await Save(page).ClickAsync();
        await Expect(row).ToContainTextAsync("ERROR");
        Assert.Equal(310, (await FindAsync("heat")).GetProperty("above").GetInt32());

        await row.GetByRole(AriaRole.Button, new() { Name = "Remove rule heat" }).ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        await Expect(page.Locator("#list")).ToBeFocusedAsync();
        Assert.DoesNotContain(await server.Store.Rules.ReadAsync(Stop), rule => rule.Id == "heat");
    }

    [Fact]
    public async Task A_rule_that_changed_elsewhere_is_not_overwritten_and_a_hostile_one_is_shown_as_text()
    {
        const string Document =
            """{"kind":"<img src=x onerror=alert(1)>","selector":{"measurement":"temperature"},"message":"</textarea><b>x"}""";
        var rule = new StoredRule("shared", Document, 0, EpochTime.Now(TimeProvider.System), "<i>eve</i>");
        await server.Store.Rules.WriteAsync(rule, null, Stop);
        var page = await chromium.OpenAsync(server, "/rules");
        var row = page.Locator(".items li", new() { HasText = "shared" });
        await Expect(row).ToContainTextAsync("<img src=x onerror=alert(1)>");
        await Expect(row).ToContainTextAsync("by <i>eve</i>");
        await row.GetByRole(AriaRole.Button, new() { Name = "Edit rule shared" }).ClickAsync();
        var text = page.GetByLabel("Rule (YAML or JSON)");
        Assert.Contains("</textarea><b>x", await text.InputValueAsync(), StringComparison.Ordinal);

        await server.Store.Rules.WriteAsync(rule with { ChangedBy = "bob" }, null, Stop);
        const string Valid = "id: shared\nkind: threshold\nselector: {measurement: temperature}\nabove: 300\n";
        await text.FillAsync(Valid);
        await Save(page).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The rule \"shared\" has version ");
        await Expect(text).ToHaveValueAsync(Valid);
        await server.Store.Rules.RemoveAsync("shared", null, Stop);
    }

    [Fact]
    public async Task A_text_close_to_the_limit_is_read_as_a_whole_and_a_longer_one_is_refused_aloud()
    {
        const int Limit = 4 * 1024 * 1024;
        var page = await chromium.OpenAsync(server, "/rules");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rules" }).ClickAsync();
        var text = page.GetByLabel("Rules (YAML or JSON)");
        const string Rule = "id: long\nkind: threshold\nselector: {measurement: temperature}\nabove: 300\n# ";
        foreach (var (length, outcome) in new[] { (Limit + 1, "must have at most 4,194,304 bytes"), (Limit - 1, null) })
        {
            await text.EvaluateAsync($"(area, start) => area.value = start + 'x'.repeat({length} - start.length)", Rule);
            await Save(page).ClickAsync();
            if (outcome is not null)
            {
                await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(outcome);
            }
        }

        await Expect(page.Locator(".items li", new() { HasText = "long" })).ToHaveCountAsync(1);
        Assert.Equal(300, (await FindAsync("long")).GetProperty("above").GetInt32());
        await server.Store.Rules.RemoveAsync("long", null, Stop);
    }

    private static ILocator Save(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Save" });

    private async Task<JsonElement> FindAsync(string id)
    {
        var rules = await server.Store.Rules.ReadAsync(Stop);
        return JsonSerializer.Deserialize<JsonElement>(Assert.Single(rules, rule => rule.Id == id).Document);
    }
}
