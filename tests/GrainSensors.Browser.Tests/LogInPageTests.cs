using GrainSensors.Browser.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>Log-in with a key, and log-out.</summary>
public sealed class LogInPageTests(Chromium chromium, LockedConsoleServer server) : IClassFixture<LockedConsoleServer>
{
    /// <summary>Over HTTP from another host a browser sends fewer headers about the origin of a request than on loopback.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData(Chromium.ElsewhereName)]
    public async Task A_key_opens_the_requested_page_until_the_user_logs_out(string name)
    {
        var address = new UriBuilder(server.Address) { Host = name }.Uri;
        var page = await chromium.OpenUnconnectedAsync(server, new Uri(address, "/alerts").ToString());
        await page.GetByLabel("Key").FillAsync("gsk_of_somebody_else");
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Invalid key.");
        await page.AssertAccessibleAsync();
        await Chromium.ShootAsync(page, "login");

        await page.GetByLabel("Key").FillAsync(LockedConsoleServer.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Alerts");
        await page.Locator("main[data-live='true']").WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();
        await Expect(page.GetByLabel("Key")).ToBeVisibleAsync();
        await page.GotoAsync(new Uri(address, "/alerts").ToString());
        await Expect(page.GetByLabel("Key")).ToBeVisibleAsync();
    }
}
