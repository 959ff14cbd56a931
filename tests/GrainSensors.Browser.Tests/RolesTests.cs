using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The pages on which administrators work, for somebody who may only read, and after a log-out.</summary>
public sealed class RolesTests(Chromium chromium, RolesTests.Server server) : IClassFixture<RolesTests.Server>
{
    private const int Patience = 60_000;

    [Fact]
    public async Task A_reader_sees_silences_and_rules_without_actions_and_of_contacts_only_the_role()
    {
        var stop = TestContext.Current.CancellationToken;
        var now = EpochTime.Now(TimeProvider.System);
        await server.Store.Silences.AddAsync(new(Guid.CreateVersion7(), 7, now, now + 3_600_000_000, "bob", "new probe"), stop);
        var rule = "{\"kind\":\"threshold\",\"selector\":{\"measurement\":\"temperature\"},\"above\":300}";
        await server.Store.Rules.WriteAsync(new("heat", rule, 0, now, "bob"), null, stop);
        var page = await LogInAsync(Server.ReadKey, "/silences?match=kind%3Dextreme");
        await Expect(page.Locator("main")).ToContainTextAsync("Changes require the role admin.");
        await Expect(page.Locator(".items li").First).ToContainTextAsync("new probe");
        await Expect(page.Locator("main button")).ToHaveCountAsync(0);
        await page.VisitAsync("/rules");
        await Expect(page.Locator(".items li", new() { HasText = "heat" })).ToBeVisibleAsync();
        await Expect(page.Locator("main button")).ToHaveCountAsync(0);
        await page.AssertAccessibleAsync();
        await page.VisitAsync("/contacts");
        await Expect(page.Locator("main")).ToContainTextAsync("Contact points and routes require the role admin.");
        await Expect(page.Locator("main .items")).ToHaveCountAsync(0);
        await page.AssertAccessibleAsync();
    }

    [Fact]
    public async Task A_page_that_is_open_when_its_session_ends_changes_nothing_any_more()
    {
        var stop = TestContext.Current.CancellationToken;
        var page = await LogInAsync(LockedConsoleServer.Key, "/rules");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rules" }).ClickAsync();
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync("/rules");
        await other.Locator("main[data-live='true']").WaitForAsync();
        await other.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Expect(other.GetByLabel("Key")).ToBeVisibleAsync();

        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync(new() { Timeout = Patience });
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).DispatchEventAsync("click");
        var later = await page.Context.NewPageAsync();
        await later.GotoAsync("/rules");
        await Expect(later.GetByLabel("Key")).ToBeVisibleAsync();
        Assert.DoesNotContain(await server.Store.Rules.ReadAsync(stop), rule => rule.Id == "warm");
    }

    private async Task<IPage> LogInAsync(string key, string path)
    {
        var page = await chromium.OpenUnconnectedAsync(server, path);
        await page.GetByLabel("Key").FillAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await page.Locator("main[data-live='true']").WaitForAsync();
        return page;
    }

    public sealed class Server : LockedConsoleServer
    {
        public static string ReadKey { get; } = AccessKey.Generate();

        protected override Dictionary<string, string?> Overrides => new(base.Overrides)
        {
            ["Http:Keys:1:Name"] = "ann",
            ["Http:Keys:1:Role"] = "read",
            ["Http:Keys:1:Hash"] = AccessKey.HashText(ReadKey),
        };
    }
}
