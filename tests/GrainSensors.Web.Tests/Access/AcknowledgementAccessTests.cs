using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Acknowledgement of an alert by the API of a silo with keys.</summary>
[Trait("Category", "System")]
public sealed class AcknowledgementAccessTests : IAsyncLifetime
{
    private readonly ApiServer _server = new();
    private Guid _alert;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server.UseKeys();
        await _server.InitializeAsync();
        var now = EpochTime.Now(TimeProvider.System);
        _alert = AlertId.Of(7, "temperature", AlertKind.Extreme, now);
        await _server.Store.Alerts.WriteAsync(
            [new(_alert, 7, "temperature", AlertKind.Extreme, AlertLevel.Warning, now, now, null, 1, 61.2, 21.4, now, "too warm")], Stop);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_alert_is_acknowledged_by_an_admin_key_only_and_in_its_name_whatever_the_request_says()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await AcknowledgeAsync(null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AcknowledgeAsync("gsk_of_a_stranger")).Status);
        var (refused, problem) = await AcknowledgeAsync(GuardedHost.Reader.Key);
        Assert.Equal(HttpStatusCode.Forbidden, refused);
        Assert.Contains("\"ann\" is read-only", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(AlertStatus.Raised, (await _server.Store.Alerts.FindAsync(_alert, Stop))!.Status);
        Assert.Empty(await AuditAsync());

        var (status, alert) = await AcknowledgeAsync(GuardedHost.Admin.Key);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            ("acknowledged", "bob", "Ada", "seen"),
            (TextOf(alert, "status"), TextOf(alert, "acknowledged_by"), TextOf(alert, "acknowledged_for"), TextOf(alert, "note")));
        var entry = Assert.Single(await AuditAsync());
        Assert.Equal(
            ("bob", $"{_alert}", "for Ada", "127.0.0.1"),
            (TextOf(entry, "actor"), TextOf(entry, "target"), TextOf(entry, "detail"), TextOf(entry, "address")));
    }

    private static string? TextOf(JsonElement body, string member) => body.GetProperty(member).GetString();

    private Task<(HttpStatusCode Status, JsonElement Body)> AcknowledgeAsync(string? key) =>
        SendAsync(HttpMethod.Post, $"alerts/{_alert}/acknowledge", key, new { by = "Ada", note = "seen" });

    /// <returns>The entries about acknowledgements.</returns>
    private async Task<List<JsonElement>> AuditAsync()
    {
        var (status, page) = await SendAsync(HttpMethod.Get, "audit", GuardedHost.Admin.Key);
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. page.GetProperty("items").EnumerateArray().Where(entry => TextOf(entry, "action") == "alert-acknowledge")];
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        HttpMethod method, string path, string? key, object? body = null)
    {
        using var request = new HttpRequestMessage(method, ApiServer.UriOf(path));
        request.Content = body is null ? null : JsonContent.Create(body);
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        using var answer = await _server.Http.SendAsync(request, Stop);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Stop));
    }
}
