using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GrainSensors.Contacts.Acknowledgement;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;
using GrainSensors.Web.Tests.Access;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Web.Tests.Acknowledge;

/// <summary>The page behind the link of a message, on a silo with keys and without one in the request.</summary>
[Trait("Category", "System")]
public sealed class AcknowledgePageTests : IAsyncLifetime
{
    private const string Public = "https://sensors.example.org/console";

    private readonly ApiServer _server = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static long Now { get; } = EpochTime.Now(TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        _server.UseKeys();
        _server.Settings["Notifications:PublicUrl"] = Public;
        _server.Settings["Contacts:0:Name"] = "ops";
        _server.Settings["Contacts:0:Kind"] = "ntfy";
        _server.Settings["Contacts:0:Enabled"] = "false";
        _server.Settings["Contacts:0:Settings:topic"] = "sensors";
        await _server.InitializeAsync();
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task Only_the_button_of_the_page_acknowledges()
    {
        var alert = await RaiseAsync(7);
        var token = TokenOf(alert);
        foreach (var method in new[] { "GET", "HEAD", "GET", "OPTIONS" })
        {
            await SendAsync(new(method), token, headers: ("Sec-Purpose", "prefetch"));
        }

        var shown = await SendAsync(HttpMethod.Get, token);
        Assert.Equal(HttpStatusCode.OK, shown.Status);
        Assert.Contains("Sensor 7: disconnected", shown.Page, StringComparison.Ordinal);
        Assert.Contains("Acknowledge 1 alert?", shown.Page, StringComparison.Ordinal);
        Assert.Equal(AlertStatus.Raised, (await FindAsync(alert)).Status);
        Assert.Empty(await AuditAsync());

        var done = await PostAsync(token, "Ana", "on my way");

        Assert.Equal(HttpStatusCode.OK, done.Status);
        Assert.Contains("The alert is acknowledged.", done.Page, StringComparison.Ordinal);
        var acknowledged = await FindAsync(alert);
        Assert.Equal(
            (AlertStatus.Acknowledged, "link of ops", "Ana", "on my way"),
            (acknowledged.Status, acknowledged.AcknowledgedBy, acknowledged.AcknowledgedFor, acknowledged.Note));
        Assert.Equal([$"link of ops, 127.0.0.1, {alert.Id}, for Ana"], await AuditAsync());
    }

    [Fact]
    public async Task The_page_sends_no_address_with_the_token_and_is_not_kept_framed_or_scripted()
    {
        var (_, page, headers) = await SendAsync(HttpMethod.Get, TokenOf(await RaiseAsync(7)));

        Assert.Equal("strict-origin", headers["Referrer-Policy"]);
        Assert.Equal("no-store", headers["Cache-Control"]);
        Assert.Contains("frame-ancestors 'none'", headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.DoesNotContain("Set-Cookie", headers.Keys);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Equal(["acknowledge"], Regex.Matches(page, "action=\"([^\"]*)\"").Select(match => match.Groups[1].Value));
        Assert.Equal(["alerts"], Regex.Matches(page, "<a href=\"([^\"]*)\"").Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task A_forged_cut_or_foreign_link_is_refused_and_says_nothing_of_the_alert()
    {
        var alert = await RaiseAsync(7);
        var token = TokenOf(alert);
        var changed = token.ToCharArray();
        changed[^20] = changed[^20] == 'A' ? 'B' : 'A';
        foreach (var wrong in new[]
        {
            "", "x", new string(changed), token[..^1], token + "A", "%00", new string('a', 5000), $"{alert.Id}",
            Convert.ToBase64String(new AcknowledgeTicket(false, alert.Id, 1, "ops", long.MaxValue).ToBytes()),
        })
        {
            foreach (var answer in new[] { await SendAsync(HttpMethod.Get, wrong), await PostAsync(wrong, "Eve", null) })
            {
                Assert.Equal(HttpStatusCode.NotFound, answer.Status);
                Assert.Contains("This link is invalid.", answer.Page, StringComparison.Ordinal);
                Assert.DoesNotContain("Sensor 7", answer.Page, StringComparison.Ordinal);
            }
        }

        Assert.Equal(AlertStatus.Raised, (await FindAsync(alert)).Status);
        Assert.Empty(await AuditAsync());
    }

    [Fact]
    public async Task A_link_expires_after_a_week()
    {
        var alert = await RaiseAsync(7);
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow - AcknowledgeLinks.Lifetime - TimeSpan.FromSeconds(1));
        await RefusedAsync(TokenOf(alert, clock: clock), "This link has expired");

        clock.SetUtcNow(DateTimeOffset.UtcNow - AcknowledgeLinks.Lifetime + TimeSpan.FromMinutes(10));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, TokenOf(alert, clock: clock))).Status);
    }

    [Fact]
    public async Task The_links_of_a_contact_point_end_with_it_and_those_of_an_alert_with_its_row()
    {
        await RefusedAsync(TokenOf(await RaiseAsync(7), contact: "former"), "its contact point was removed");
        await RefusedAsync(TokenOf(Disconnected(8)), "no longer stored");
    }

    [Fact]
    public async Task An_alert_that_is_acknowledged_cleared_or_raised_again_stays_as_it_is()
    {
        var (taken, cleared, again) = (await RaiseAsync(7), await RaiseAsync(8), await RaiseAsync(9));
        await _server.Store.Alerts.AcknowledgeAsync(taken.Id, "bob", null, "mine", Stop);
        await _server.Store.Alerts.WriteAsync([cleared with { ClearedAt = Now + 1 }, again with { ClearedAt = Now + 1 }], Stop);
        await _server.Store.Alerts.WriteAsync([again with { Occurrences = 2, LastRaisedAt = Now + 2 }], Stop);
        foreach (var (alert, text) in new[]
        {
            (taken, "UTC by bob"), (cleared, "cleared "), (again, "The alert was raised again after this message."),
        })
        {
            var before = await FindAsync(alert);
            foreach (var answer in new[] { await SendAsync(HttpMethod.Get, TokenOf(alert)), await PostAsync(TokenOf(alert), "Eve", "x") })
            {
                Assert.Equal(HttpStatusCode.OK, answer.Status);
                Assert.Contains(text, answer.Page, StringComparison.Ordinal);
                Assert.DoesNotContain("<button", answer.Page, StringComparison.Ordinal);
            }

            Assert.Equal(before, await FindAsync(alert));
        }

        Assert.Empty(await AuditAsync());
    }

    [Fact]
    public async Task The_alerts_of_a_message_of_a_group_are_acknowledged_at_once_and_no_later_ones()
    {
        // Without its route the outbox of the server would give up the alert that waits.
        using (var routes = new HttpRequestMessage(HttpMethod.Put, ApiServer.UriOf("routes")))
        {
            routes.Headers.Authorization = new("Bearer", GuardedHost.Admin.Key);
            routes.Content = new StringContent("""{"contacts":["ops"],"group_wait":"1h"}""", Encoding.UTF8, "application/json");
            using var answer = await _server.Http.SendAsync(routes, Stop);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
        }

        var alerts = new List<Alert>();
        for (var sensor = 1; sensor <= 26; sensor++)
        {
            alerts.Add(await RaiseAsync(sensor));
        }

        await _server.Store.Alerts.WriteAsync([alerts[0] with { ClearedAt = Now + 1 }], Stop);
        await _server.Store.Alerts.AcknowledgeAsync(alerts[1].Id, "bob", null, null, Stop);
        var group = new AlertGroup(Guid.NewGuid(), "{}|waits", "{}", new Dictionary<string, string>(), Now)
        {
            Messages = 2,
            Members = alerts.Index().ToDictionary(
                alert => alert.Item.Id,
                alert => alert.Index == 25
                    ? new GroupMember(1, GroupMemberState.Waiting, 1)
                    : new GroupMember(1, GroupMemberState.Told, alert.Index < 24 ? 1 : 2)),
        };
        Assert.True(await _server.Store.Contacts.Groups.WriteAsync([group], [], Stop));

        var token = TokenOf(group, message: 1);
        var shown = await SendAsync(HttpMethod.Get, token);
        Assert.Contains("Acknowledge 22 alerts?", shown.Page, StringComparison.Ordinal);
        Assert.Contains("and 2 more", shown.Page, StringComparison.Ordinal);
        Assert.Contains("2 alerts of the group were raised after this message.", shown.Page, StringComparison.Ordinal);
        Assert.Contains("22 alerts are acknowledged.", (await PostAsync(token, null, null)).Page, StringComparison.Ordinal);

        Assert.Equal([$"link of ops, 127.0.0.1, {group.Id}, 22 of the group"], await AuditAsync());
        var after = await Task.WhenAll(alerts.Select(FindAsync));
        Assert.Equal(
            [null, "bob", .. Enumerable.Repeat("link of ops", 22), null, null], after.Select(alert => alert.AcknowledgedBy));
        Assert.Contains("Nothing is left to acknowledge.", (await PostAsync(token, null, null)).Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_name_or_note_is_refused_and_stays_in_the_form()
    {
        var alert = await RaiseAsync(7);
        var answer = await PostAsync(TokenOf(alert), new('x', 101), "<b>kept</b>");
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("Your name must have at most 100 characters; got 101.", answer.Page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;kept&lt;/b&gt;", answer.Page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(TokenOf(alert), null, "a\u0007b")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(TokenOf(alert), null, new('x', 40_000))).Status);
        Assert.Equal(AlertStatus.Raised, (await FindAsync(alert)).Status);

        var longest = new string('\u4e00', 2000);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(TokenOf(alert), new('\u4e00', 100), longest)).Status);
        Assert.Equal(longest, (await FindAsync(alert)).Note);
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_press_the_button_and_a_token_in_the_address_does_not_either()
    {
        var alert = await RaiseAsync(7);
        var token = TokenOf(alert);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(token, "Eve", null, ("Sec-Fetch-Site", "cross-site"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(token, "Eve", null, ("Origin", "https://evil.example"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Post, token)).Status);
        Assert.Equal(AlertStatus.Raised, (await FindAsync(alert)).Status);
    }

    [Fact]
    public async Task An_invalid_key_with_a_link_leaves_no_token_in_the_audit_log()
    {
        var token = TokenOf(await RaiseAsync(7));
        Assert.Equal(
            HttpStatusCode.OK, (await SendAsync(HttpMethod.Get, token, headers: ("Authorization", "Bearer gsk_wrong"))).Status);
        Assert.DoesNotContain(token, $"{await AuditLogAsync()}", StringComparison.Ordinal);
    }

    private static Alert Disconnected(int sensor) => new(
        AlertId.Of(sensor, "", AlertKind.Disconnected, Now), sensor, "", AlertKind.Disconnected, AlertLevel.Error, Now, Now, null, 1,
        double.NaN, double.NaN, Now, $"Sensor {sensor}: disconnected");

    private async Task<Alert> RaiseAsync(int sensor)
    {
        var alert = Disconnected(sensor);
        await _server.Store.Alerts.WriteAsync([alert], Stop);
        return alert;
    }

    private async Task<Alert> FindAsync(Alert alert) => (await _server.Store.Alerts.FindAsync(alert.Id, Stop))!;

    private string TokenOf(Alert alert, string contact = "ops", TimeProvider? clock = null) =>
        TokenOf(new NewNotification(Guid.NewGuid(), contact, alert.Id, alert.Occurrences, NotificationEvent.Raised, "{}"), clock);

    private string TokenOf(AlertGroup group, int message) =>
        TokenOf(new(Guid.NewGuid(), "ops", group.Id, message, NotificationEvent.Raised, "{}", group.Id), null);

    private string TokenOf(NewNotification message, TimeProvider? clock)
    {
        var links = clock is null ? _server.Services.GetRequiredService<AcknowledgeLinks>() : new(
            Public, _server.Services.GetRequiredService<IAcknowledgeSeal>(), clock, NullLogger<AcknowledgeLinks>.Instance);
        var url = links.Of(message)!;
        const string Begin = $"{Public}/acknowledge?token=";
        Assert.StartsWith(Begin, url, StringComparison.Ordinal);
        return url[Begin.Length..];
    }

    private async Task RefusedAsync(string token, string reason)
    {
        foreach (var answer in new[] { await SendAsync(HttpMethod.Get, token), await PostAsync(token, null, null) })
        {
            Assert.Equal(HttpStatusCode.Gone, answer.Status);
            Assert.Contains(reason, answer.Page, StringComparison.Ordinal);
            Assert.DoesNotContain("Sensor 7", answer.Page, StringComparison.Ordinal);
        }
    }

    private async Task<List<string>> AuditAsync() =>
    [
        .. (await AuditLogAsync()).GetProperty("items").EnumerateArray()
            .Where(entry => entry.GetProperty("action").GetString() == "alert-acknowledge")
            .Select(entry => string.Join(
                ", ", new[] { "actor", "address", "target", "detail" }.Select(member => entry.GetProperty(member).GetString()))),
    ];

    private async Task<JsonElement> AuditLogAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiServer.UriOf("audit"));
        request.Headers.Authorization = new("Bearer", GuardedHost.Admin.Key);
        using var answer = await _server.Http.SendAsync(request, Stop);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement;
    }

    private Task<(HttpStatusCode Status, string Page, Dictionary<string, string> Headers)> PostAsync(
        string token, string? name, string? note, params (string Name, string Value)[] headers)
    {
        var fields = new Dictionary<string, string?> { ["token"] = token, ["name"] = name, ["note"] = note };
        return SendAsync(HttpMethod.Post, null, new FormUrlEncodedContent(fields.Where(field => field.Value is not null)!), headers);
    }

    private async Task<(HttpStatusCode Status, string Page, Dictionary<string, string> Headers)> SendAsync(
        HttpMethod method, string? token, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var path = token is null ? "/acknowledge" : $"/acknowledge?token={token}";
        using var request = new HttpRequestMessage(method, new Uri(_server.Http.BaseAddress!, path)) { Content = content };
        request.Headers.Accept.ParseAdd("text/html");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await _client.SendAsync(request, Stop);
        return (
            answer.StatusCode,
            await answer.Content.ReadAsStringAsync(Stop),
            answer.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value)));
    }
}
