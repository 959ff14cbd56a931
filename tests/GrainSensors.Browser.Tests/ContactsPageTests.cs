using GrainSensors.Browser.Tests.Fixtures;
using GrainSensors.Storage.Contacts;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace GrainSensors.Browser.Tests;

/// <summary>The page of contact points and routes.</summary>
public sealed class ContactsPageTests(Chromium chromium, ContactsPageTests.Server server) : IClassFixture<ContactsPageTests.Server>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_contact_point_is_added_tested_edited_without_its_secret_and_removed()
    {
        await using var receiver = await Receiver.StartAsync();
        var page = await chromium.OpenAsync(server, "/contacts");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add contact points" }).ClickAsync();
        var text = page.GetByLabel("Contact points (YAML or JSON)");
        await text.FillAsync("name: ops\nkind: webhook\nsecrets: topsecret\n");
        await Save(page).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Line 3: the document is not valid");
        await Expect(page.GetByRole(AriaRole.Alert)).Not.ToContainTextAsync("topsecret");
        await text.FillAsync("name: ops\nkind: webhook\nsecrets: { authorization: \"${TOKEN}\" }\n");
        await Save(page).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("names an environment variable");
        await text.FillAsync(
            $"name: ops\nkind: webhook\nsettings: {{ url: \"{receiver.Url}\" }}\nsecrets: {{ authorization: topsecret }}\n");
        await Save(page).ClickAsync();

        var row = page.Locator("[aria-labelledby=points] li", new() { HasText = "ops" });
        await Expect(row).ToContainTextAsync(receiver.Url);
        await Expect(row).ToContainTextAsync("secrets: authorization");
        Assert.DoesNotContain("topsecret", await page.ContentAsync(), StringComparison.Ordinal);
        await row.GetByRole(AriaRole.Button, new() { Name = "Send test to ops" }).ClickAsync();
        await Expect(page.GetByText("The receiver of ops has accepted the test message.")).ToBeVisibleAsync();
        Assert.Equal("topsecret", Assert.Single(receiver.Requests).Headers["Authorization"]);

        receiver.Answer = (_, response) =>
        {
            response.StatusCode = StatusCodes.Status403Forbidden;
            return response.WriteAsync("no: topsecret", Stop);
        };
        await row.GetByRole(AriaRole.Button, new() { Name = "Send test to ops" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("ops: The receiver answers with status 403: no: ***.");
        Assert.Equal(2, receiver.Requests.Count);
        await page.AssertAccessibleAsync();

        await row.GetByRole(AriaRole.Button, new() { Name = "Edit contact point ops" }).ClickAsync();
        var edited = page.GetByLabel("Contact point (YAML or JSON)");
        var yaml = await edited.InputValueAsync();
        Assert.DoesNotContain("topsecret", yaml, StringComparison.Ordinal);
        await edited.FillAsync($"{yaml}\nenabled: false\n");
        await Save(page).ClickAsync();
        await Expect(row.GetByText("Disabled")).ToBeVisibleAsync();
        await Expect(row).ToContainTextAsync("secrets: authorization");

        await row.GetByRole(AriaRole.Button, new() { Name = "Remove contact point ops" }).ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        await Expect(page.Locator("#points")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Routes_of_a_version_that_is_no_longer_the_latest_are_kept_in_the_editor_and_not_saved()
    {
        var page = await chromium.OpenAsync(server, "/contacts");
        await page.GetByRole(AriaRole.Button, new() { Name = "routes", Exact = false }).First.ClickAsync();
        var text = page.GetByLabel("Routes (YAML or JSON)");
        await text.FillAsync("contacts: [fixed]\nroutes:\n  - match: [city=Valencia]\n    contacts: []\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save routes" }).ClickAsync();
        await Expect(page.Locator(".routes")).ToContainTextAsync("city=Valencia");
        await Expect(page.Locator(".routes")).ToContainTextAsync("told to fixed");

        await page.GetByRole(AriaRole.Button, new() { Name = "Edit routes" }).ClickAsync();
        var before = (await server.Store.Contacts.Routes.ReadAsync(Stop))!;
        Assert.True(await server.Store.Contacts.Routes.AddAsync(before with { Version = before.Version + 1, ChangedBy = "bob" }, Stop));
        await text.FillAsync("contacts: []\n");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save routes" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync($"The routes have version {before.Version + 1} by now");
        await Expect(text).ToHaveValueAsync("contacts: []\n");
        await page.AssertAccessibleAsync();
        Assert.Equal(before.Document, (await server.Store.Contacts.Routes.ReadAsync(Stop))!.Document);
    }

    [Fact]
    public async Task An_undelivered_notification_is_listed_and_sent_again()
    {
        var notifications = server.Store.Contacts.Notifications;
        var id = Guid.CreateVersion7();
        await notifications.AddAsync([new(id, "gone", Guid.CreateVersion7(), 1, NotificationEvent.Raised, "{}")], Stop);
        await notifications.TakeAsync("gone", TimeSpan.FromMinutes(1), Stop);
        await notifications.MarkFailedAsync(id, 1, "<b>refused</b>", null, Stop);
        var page = await chromium.OpenAsync(server, "/contacts");
        var row = page.Locator("[aria-labelledby=undelivered] li", new() { HasText = "gone" });
        await Expect(row).ToContainTextAsync("<b>refused</b>");
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        var pending = await notifications.ReadAsync(new() { State = NotificationState.Pending, Contact = "gone" }, Stop);
        Assert.Equal(id, Assert.Single(pending).Id);
    }

    private static ILocator Save(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true });

    public sealed class Server : ConsoleServer
    {
        protected override Dictionary<string, string?> Overrides => new()
        {
            ["Notifications:SecretKey"] = Convert.ToBase64String(new byte[32]),
            ["Notifications:PublicUrl"] = "https://sensors.example.org",
            ["Contacts:0:Name"] = "fixed",
            ["Contacts:0:Kind"] = "ntfy",
            ["Contacts:0:Enabled"] = "false",
            ["Contacts:0:Settings:topic"] = "sensors",
        };
    }
}
