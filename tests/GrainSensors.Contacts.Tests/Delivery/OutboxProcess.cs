using System.Diagnostics.Metrics;
using GrainSensors.Contacts.Acknowledgement;
using GrainSensors.Contacts.Delivery;
using GrainSensors.Contacts.Outbox;
using GrainSensors.Contacts.Points;
using GrainSensors.Contacts.Routes;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Contacts.Tests.Delivery;

/// <summary>What a silo has of contact points. Its end without a disposal is that of a process that was killed.</summary>
internal sealed class OutboxProcess : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly NotificationSender _sender;
    private readonly ContactOutbox _outbox;

    public OutboxProcess(
        IStore store, RecordingKind kind, TimeProvider clock, ILogger<NotificationSender> log, string secretKey, int maxAttempts = 12)
    {
        var settings = new DeliverySettings("https://sensors.example.org", maxAttempts);
        var notifications = store.Contacts.Notifications;
        Points = new(store.Contacts.Points, new([kind]), [], new(secretKey), clock);
        Routes = new(store.Contacts.Routes, Points, clock);
        var links = new AcknowledgeLinks(settings.PublicUrl, new OpenSeal(), clock, NullLogger<AcknowledgeLinks>.Instance);
        Acknowledger = new(links, Points, store.Alerts, store.Contacts.Groups);
        _sender = new(
            Points, notifications, links, settings, new(_services.GetRequiredService<IMeterFactory>(), "test"), clock, log);
        var notices = new NoticeMaker(store.Sensors, settings);
        _outbox = new(
            Points, Routes, new(store.Contacts.Groups, store.Alerts, Points, notices, clock), notifications, notices, _sender);
    }

    public ContactPoints Points { get; }

    public RouteBook Routes { get; }

    public AlertAcknowledger Acknowledger { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public IAlertReceiver Receiver => _outbox;

    public Task TellAsync(params Alert[] alerts) => _outbox.SendAsync(alerts, Stop);

    public Task StartSendingAsync() => _outbox.ContinueAsync(Stop);

    public async Task SendAsync()
    {
        await _outbox.ContinueAsync(Stop);
        await _sender.IdleAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _services.DisposeAsync();
    }
}
