using System.Net;
using System.Text.Json;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>The notifier against a receiver that accepts, rejects and recovers.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private const long Second = EpochTime.MicrosPerSecond;
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("grainsensors-webhook-").FullName;
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
    private readonly NotifierState _state = new();
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false };
    private readonly Receiver _receiver = new();
    private readonly SqliteWindowStore _store;
    private AlertNotifier _notifier;

    public WebhookTests()
    {
        _store = new(Path.Combine(_folder, "windows.db"), clock: _clock);
        _notifier = NewNotifier();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private long Now => EpochTime.Now(_clock);

    public async ValueTask InitializeAsync() => await _store.PrepareAsync(Stop);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _handler.Dispose();
        _receiver.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_alert_is_posted_once_in_the_format_of_Alertmanager_and_resolved_when_it_clears()
    {
        await RunAsync();
        var alert = await RaiseAsync(7);
        await RunAsync();
        await RunAsync();

        var posted = Assert.Single(_receiver.Take());
        Assert.Equal(
            "SensorExtremeValue 7 temperature warning",
            string.Join(' ', new[] { "alertname", "sensor_id", "measurement", "severity" }.Select(label => Label(posted, label))));
        Assert.Equal(EpochTime.ToIso8601(alert.RaisedAt), posted.GetProperty("startsAt").GetString());
        Assert.False(posted.TryGetProperty("endsAt", out _));
        Assert.Equal("secret", _receiver.Authorization);

        await ClearAsync(alert);
        await RunAsync();
        var resolved = Assert.Single(_receiver.Take());
        Assert.Equal(EpochTime.ToIso8601(alert.RaisedAt + Second), resolved.GetProperty("endsAt").GetString());
        Assert.Equal(posted.GetProperty("labels").ToString(), resolved.GetProperty("labels").ToString());
        Assert.Empty(_state.Told);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task An_alert_that_was_never_sent_as_open_is_sent_as_cleared_to_a_receiver_that_shows_states(bool takesEach, int sent)
    {
        var receiver = new StateReceiver(takesEach);
        var notifier = new AlertNotifier(_store.Alerts, receiver, _clock);
        await notifier.RunAsync(_state, Stop);
        await ClearAsync(await RaiseAsync(7));

        await notifier.RunAsync(_state, Stop);
        await notifier.RunAsync(_state, Stop);

        Assert.Equal(sent, receiver.Alerts.Count);
        Assert.All(receiver.Alerts, alert => Assert.NotNull(alert.ClearedAt));
    }

    [Fact]
    public async Task A_post_states_its_length_and_has_the_configured_headers()
    {
        await RunAsync();
        await RaiseAsync(7);
        await RunAsync();

        Assert.True(_receiver.Length > 100, $"Content-Length {_receiver.Length}");
        Assert.Equal("left", _receiver.Site);
    }

    [Theory]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.PermanentRedirect)]
    public async Task A_redirect_is_a_failure_and_the_alert_is_posted_again(HttpStatusCode status)
    {
        await RunAsync();
        _receiver.Status = status;
        await RaiseAsync(7);

        var failure = await Assert.ThrowsAsync<AlertDeliveryException>(RunAsync);

        Assert.Contains($"redirects with status {(int)status}", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_state.Told);
        Assert.Single(_receiver.Take());
        _receiver.Status = HttpStatusCode.OK;
        await RunAsync();
        Assert.Single(_receiver.Take());
    }

    [Fact]
    public async Task What_the_receiver_refused_is_posted_when_it_is_back_also_by_another_notifier()
    {
        await RunAsync();
        _receiver.Status = HttpStatusCode.ServiceUnavailable;
        await RaiseAsync(7);
        await Assert.ThrowsAsync<AlertDeliveryException>(RunAsync);
        Assert.Empty(_state.Told);

        _receiver.Take();
        _receiver.Status = HttpStatusCode.OK;
        _notifier = NewNotifier();
        await RunAsync();
        Assert.Contains(_receiver.Take(), posted => Label(posted, "sensor_id") == "7");
    }

    [Fact]
    public async Task A_silenced_alert_is_posted_when_the_silence_ends_and_not_before()
    {
        await RunAsync();
        await _store.Silences.AddAsync(new(Guid.NewGuid(), 7, Now, Now + (600 * Second), "ana", "new probe"), Stop);
        await RaiseAsync(7);
        var cleared = await RaiseAsync(7, AlertKind.Disconnected);
        await RaiseAsync(8);
        await RunAsync();
        Assert.Equal("8", Label(Assert.Single(_receiver.Take()), "sensor_id"));
        await ClearAsync(cleared);
        await RunAsync();
        Assert.Empty(_receiver.Take());

        _clock.Advance(TimeSpan.FromSeconds(601));
        await RunAsync();
        Assert.Equal(["7", "8"], _receiver.Take().Select(posted => Label(posted, "sensor_id")).Order());
    }

    private static string? Label(JsonElement posted, string name) => posted.GetProperty("labels").GetProperty(name).GetString();

    private Task RunAsync() => _notifier.RunAsync(_state, Stop);

    private AlertNotifier NewNotifier()
    {
        var headers = new Dictionary<string, string> { ["X-Site"] = "left" };
        var target = new WebhookTarget(_receiver.Url, "secret", Repeat) { Headers = headers };
        return new(_store.Alerts, new AlertWebhook(target, () => new(_handler, disposeHandler: false)), _clock);
    }

    private async Task<Alert> RaiseAsync(int sensor, AlertKind kind = AlertKind.Extreme)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        var measurement = kind == AlertKind.Extreme ? "temperature" : "";
        var alert = new Alert(
            AlertId.Of(sensor, measurement, kind, Now),
            sensor,
            measurement,
            kind,
            AlertNames.LevelOf(kind),
            Now,
            Now,
            null,
            1,
            30,
            20,
            Now - Second,
            "too warm");
        await _store.Alerts.WriteAsync([alert], Stop);
        return alert;
    }

    private async Task ClearAsync(Alert alert)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _store.Alerts.WriteAsync([alert with { ClearedAt = alert.RaisedAt + Second }], Stop);
    }

    private sealed class StateReceiver(bool takesEachClearing) : IAlertReceiver
    {
        public long Key => 1;

        public string Description => "a broker";

        public TimeSpan RepeatInterval => Repeat;

        public bool TakesEachClearing => takesEachClearing;

        public List<Alert> Alerts { get; } = [];

        public Task SendAsync(IReadOnlyCollection<Alert> alerts, CancellationToken cancellationToken)
        {
            Alerts.AddRange(alerts);
            return Task.CompletedTask;
        }
    }

    /// <summary>A receiver that records the posted alerts.</summary>
    private sealed class Receiver : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly List<JsonElement> _posted = [];

        public Receiver()
        {
            // Another process may take a free port meanwhile, so several ports are tried.
            for (var attempt = 0; ; attempt++)
            {
                using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
                probe.Start();
                Url = new($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/api/v2/alerts");
                probe.Stop();
                _listener.Prefixes.Clear();
                _listener.Prefixes.Add($"http://127.0.0.1:{Url.Port}/");
                try
                {
                    _listener.Start();
                    break;
                }
                catch (HttpListenerException) when (attempt < 10)
                {
                    // Taken.
                }
            }

            _ = ServeAsync();
        }

        public Uri Url { get; }

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public string? Authorization { get; private set; }

        /// <summary>The Content-Length of the last request; −1: none.</summary>
        public long Length { get; private set; }

        public string? Site { get; private set; }

        /// <returns>The alerts posted since the last call.</returns>
        public List<JsonElement> Take()
        {
            lock (_posted)
            {
                List<JsonElement> taken = [.. _posted];
                _posted.Clear();
                return taken;
            }
        }

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    using (var body = await JsonDocument.ParseAsync(context.Request.InputStream))
                    {
                        Authorization = context.Request.Headers["Authorization"];
                        Length = context.Request.Headers["Content-Length"] is null ? -1 : context.Request.ContentLength64;
                        Site = context.Request.Headers["X-Site"];
                        lock (_posted)
                        {
                            _posted.AddRange(body.RootElement.EnumerateArray().Select(alert => alert.Clone()));
                        }
                    }

                    context.Response.StatusCode = (int)Status;
                    if ((int)Status is >= 300 and < 400)
                    {
                        context.Response.RedirectLocation = Url.ToString();
                    }

                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Closed.
            }
        }
    }
}
