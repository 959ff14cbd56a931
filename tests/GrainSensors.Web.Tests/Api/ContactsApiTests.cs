using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Tests.Api;

/// <summary>Contact points through the API of a whole pipeline, with a receiver.</summary>
[Trait("Category", "System")]
public sealed class ContactsApiTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ApiServer _server = new();
    private readonly ConcurrentQueue<(string Key, JsonElement Body)> _received = new();
    private WebApplication? _receiver;
    private int _status = StatusCodes.Status200OK;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Receiver =>
        _receiver!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _receiver = builder.Build();
        _receiver.Run(async context =>
        {
            var body = await JsonDocument.ParseAsync(context.Request.Body);
            _received.Enqueue((context.Request.Headers["Idempotency-Key"].ToString(), body.RootElement));
            context.Response.StatusCode = _status;
            await context.Response.WriteAsync($"no: {context.Request.Headers.Authorization}");
        });
        await _receiver.StartAsync();
        foreach (var (index, (_, options)) in new[] { GuardedHost.Reader, GuardedHost.Admin }.Index())
        {
            _server.Settings[$"Http:Keys:{index}:Name"] = options.Name;
            _server.Settings[$"Http:Keys:{index}:Hash"] = options.Hash;
            _server.Settings[$"Http:Keys:{index}:Role"] = $"{options.Role}";
        }

        _server.Settings["Notifications:SecretKey"] = Convert.ToBase64String(new byte[32]);
        _server.Settings["Notifications:PublicUrl"] = "https://sensors.example.org";
        _server.Settings["Contacts:0:Name"] = "fixed";
        _server.Settings["Contacts:0:Kind"] = "ntfy";
        _server.Settings["Contacts:0:Enabled"] = "false";
        _server.Settings["Contacts:0:Settings:topic"] = "sensors";
        await _server.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _receiver!.DisposeAsync();
    }

    [Fact]
    public async Task A_contact_point_is_added_changed_listed_and_removed_and_its_secrets_are_never_shown()
    {
        var (created, added) = await PutAsync("ops", $$$"""
            {"kind":"webhook","settings":{"url":"{{{Receiver}}}","rate_per_minute":120},"secrets":{"authorization":"topsecret"}}
            """);
        Assert.Equal((HttpStatusCode.Created, "bob"), (created, added.GetProperty("changed_by").GetString()));
        var (changed, _) = await PutAsync("ops", $$$"""{"kind":"webhook","enabled":false,"settings":{"url":"{{{Receiver}}}"}}""");
        Assert.Equal(HttpStatusCode.OK, changed);

        var (_, list) = await SendAsync(HttpMethod.Get, "contacts");
        Assert.Equal(
            ["fixed configuration False ", "ops store False authorization"],
            list.EnumerateArray().Select(contact =>
                $"{contact.GetProperty("name")} {contact.GetProperty("source")} {contact.GetProperty("enabled")} "
                + string.Join(',', contact.GetProperty("secrets").EnumerateArray())));
        var (_, one) = await SendAsync(HttpMethod.Get, "contacts/ops");
        Assert.DoesNotContain("topsecret", $"{added}{list}{one}", StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, "contacts/ops")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Delete, "contacts/ops")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "contacts/ops")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Post, "contacts/ops/test")).Status);
        var (_, audit) = await SendAsync(HttpMethod.Get, "audit?action=contact-remove");
        Assert.Equal("ops", audit.GetProperty("items")[0].GetProperty("target").GetString());
    }

    [Theory]
    [InlineData("ops", """{"kind":"pigeon"}""", "kind must be one of email, slack, teams, discord, pagerduty, opsgenie, ntfy, webhook")]
    [InlineData("ops", """{"kind":"slack"}""", "secrets.url is missing")]
    [InlineData("ops", """{"kind":"slack","settings":{"url":"https://topsecret"}}""", "url is a secret; move it from settings to secrets.")]
    [InlineData("ops", """{"kind":"slack","secrets":{"url":"topsecret"}}""", "secrets.url must be an address such as")]
    [InlineData("ops", """{"kind":"webhook","settings":{"url":"http://a","template":"{{ x"}}""", "settings.template must be a Liquid")]
    [InlineData("ops", """{"kind":"ntfy","settings":{"topic":{}}}""", "settings.topic must be a text, a number or a boolean.")]
    [InlineData("a b", """{"kind":"ntfy","settings":{"topic":"x"}}""", "name must be 1 to 64 letters")]
    [InlineData("fixed", """{"kind":"ntfy","settings":{"topic":"x"}}""", "is in the configuration of the silos")]
    public async Task An_invalid_contact_point_is_refused_with_the_cure(string name, string body, string detail)
    {
        var (status, problem) = await PutAsync(name, body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single((await SendAsync(HttpMethod.Get, "contacts")).Body.EnumerateArray());
    }

    [Fact]
    public async Task Only_administrators_manage_contact_points()
    {
        foreach (var (method, path) in new[]
        {
            ("GET", "contacts"), ("GET", "contacts/ops"), ("PUT", "contacts/ops"), ("DELETE", "contacts/ops"),
            ("POST", "contacts/ops/test"), ("GET", "notifications"), ("POST", "notifications/requeue"),
            ("POST", $"notifications/{Guid.Empty}/requeue"),
        })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(new(method), path, key: GuardedHost.Reader.Key)).Status);
        }

        var history = await SendAsync(HttpMethod.Get, $"alerts/{Guid.Empty}/notifications", key: GuardedHost.Reader.Key);
        Assert.Equal(HttpStatusCode.NotFound, history.Status);
    }

    [Fact]
    public async Task A_test_message_is_sent_at_once_and_a_refusal_is_shown_without_secrets()
    {
        await AddReceiverAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Post, "contacts/ops/test")).Status);
        var sent = Assert.Single(_received).Body;
        Assert.True(sent.GetProperty("is_test").GetBoolean());
        Assert.DoesNotContain("acknowledge", $"{sent}", StringComparison.Ordinal);

        _status = StatusCodes.Status403Forbidden;
        var (status, problem) = await SendAsync(HttpMethod.Post, "contacts/ops/test");
        Assert.Equal(
            (HttpStatusCode.BadGateway, "The receiver answers with status 403: no: ***."),
            (status, problem.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task An_alert_reaches_the_contact_point_and_its_history_says_so()
    {
        await AddReceiverAsync();
        await _server.Store.Sensors.WriteAsync([new(71, "Valencia", "Viveros")], Stop);
        var alert = await RaiseAsync(71);
        await Until.Async(() => !_received.IsEmpty, () => "nothing received", Patience);
        await _server.Store.Alerts.WriteAsync(
            [alert with { ClearedAt = alert.RaisedAt + 1, Message = "Sensor 71: back to normal" }], Stop);
        await Until.Async(() => _received.Count == 2, () => $"{_received.Count} received", Patience);

        var raised = _received.First();
        Assert.Equal(
            ("raised", "Valencia", "https://sensors.example.org/sensors/71"),
            (
                raised.Body.GetProperty("event").GetString(), raised.Body.GetProperty("city").GetString(),
                raised.Body.GetProperty("url").GetString()));
        Assert.StartsWith(
            "https://sensors.example.org/acknowledge?token=", raised.Body.GetProperty("acknowledge_url").GetString(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("acknowledge_url", $"{_received.Last().Body}", StringComparison.Ordinal);
        JsonElement history = default;
        await Until.Async(
            async () =>
            {
                history = (await SendAsync(HttpMethod.Get, $"alerts/{alert.Id}/notifications", key: GuardedHost.Reader.Key)).Body;
                return history.GetProperty("items").EnumerateArray().All(row => row.GetProperty("state").GetString() == "sent");
            },
            () => $"{history}",
            Patience);
        var rows = history.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            _received.Select(received => received.Key).Order(), rows.Select(row => row.GetProperty("notification_id").GetString()).Order());
        Assert.Equal(["cleared", "raised"], rows.Select(row => row.GetProperty("event").GetString()).Order());
    }

    [Fact]
    public async Task A_notification_that_could_not_be_delivered_is_listed_and_sent_again_with_its_key()
    {
        _status = StatusCodes.Status400BadRequest;
        await AddReceiverAsync();
        await RaiseAsync(72);
        JsonElement dead = default;
        await Until.Async(
            async () => (dead = (await SendAsync(HttpMethod.Get, "notifications?state=dead&contact=ops")).Body)
                .GetProperty("items").GetArrayLength() == 1,
            () => $"{dead}",
            Patience);
        var row = dead.GetProperty("items")[0];
        Assert.Equal("The receiver answers with status 400: no: ***", row.GetProperty("last_error").GetString());

        _status = StatusCodes.Status200OK;
        var id = row.GetProperty("notification_id").GetString();
        var (_, requeued) = await SendAsync(HttpMethod.Post, $"notifications/{id}/requeue");
        Assert.Equal(1, requeued.GetProperty("requeued").GetInt32());
        await Until.Async(() => _received.Count == 2, () => $"{_received.Count} received", Patience);
        Assert.Equal([id, id], _received.Select(received => received.Key));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Post, $"notifications/{id}/requeue")).Status);
        Assert.Equal(0, (await SendAsync(HttpMethod.Post, "notifications/requeue")).Body.GetProperty("requeued").GetInt32());
    }

    private async Task AddReceiverAsync()
    {
        var (status, body) = await PutAsync("ops", $$$"""
            {"kind":"webhook","settings":{"url":"{{{Receiver}}}"},"secrets":{"authorization":"topsecret"}}
            """);
        Assert.True(status == HttpStatusCode.Created, $"{body}");
    }

    private async Task<Alert> RaiseAsync(int sensor)
    {
        var now = EpochTime.Now(TimeProvider.System);
        var alert = new Alert(
            AlertId.Of(sensor, "temperature", AlertKind.Extreme, now), sensor, "temperature", AlertKind.Extreme, AlertLevel.Warning, now,
            now, null, 1, 31, 21, now, $"Sensor {sensor}: measurement error, temperature 31");
        await _server.Store.Alerts.WriteAsync([alert], Stop);
        return alert;
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> PutAsync(string name, string body) =>
        SendAsync(HttpMethod.Put, $"contacts/{Uri.EscapeDataString(name)}", body);

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, ApiServer.UriOf(path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? GuardedHost.Admin.Key);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _server.Http.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }
}
