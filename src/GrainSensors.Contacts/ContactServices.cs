using System.Diagnostics.Metrics;
using GrainSensors.Contacts.Acknowledgement;
using GrainSensors.Contacts.Delivery;
using GrainSensors.Contacts.Kinds;
using GrainSensors.Contacts.Outbox;
using GrainSensors.Contacts.Points;
using GrainSensors.Contacts.Routes;
using GrainSensors.Grains.Alerts;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;
using GrainSensors.Storage.Sensors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Contacts;

public static class ContactServices
{
    /// <returns>Rules to check contact points with, which send nothing.</returns>
    public static ContactRules CreateRules() => new(ContactKinds.Create(new(), TimeProvider.System));

    /// <summary>Notifies contact points of alerts, and answers questions about them.</summary>
    /// <param name="configured">The contact points of the configuration.</param>
    /// <param name="secrets">Null: secrets cannot be stored.</param>
    /// <param name="meterName">The meter of all instruments of the project.</param>
    public static IServiceCollection AddContacts(
        this IServiceCollection services, IReadOnlyList<ContactPoint> configured, SecretBox? secrets, DeliverySettings settings,
        string meterName)
    {
        services.AddSingleton(settings);
        services.AddSingleton<ContactHttp>();
        services.AddSingleton(s => new ContactRules(
            ContactKinds.Create(s.GetRequiredService<ContactHttp>(), s.GetRequiredService<TimeProvider>())));
        services.AddSingleton(s => new ContactPoints(
            s.GetRequiredService<IContactPointStore>(), s.GetRequiredService<ContactRules>(), configured, secrets,
            s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new NoticeMaker(s.GetRequiredService<ISensorRegistry>(), settings));
        services.AddSingleton(s => new RouteBook(
            s.GetRequiredService<IRouteStore>(), s.GetRequiredService<ContactPoints>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new AlertGroups(
            s.GetRequiredService<IAlertGroupStore>(), s.GetRequiredService<IAlertStore>(), s.GetRequiredService<ContactPoints>(),
            s.GetRequiredService<NoticeMaker>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new AcknowledgeLinks(
            settings.PublicUrl, s.GetService<IAcknowledgeSeal>(), s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<AcknowledgeLinks>>()));
        services.AddSingleton<AlertAcknowledger>();
        services.AddSingleton(s => new ContactMetrics(s.GetRequiredService<IMeterFactory>(), meterName));
        services.AddSingleton(s => new NotificationSender(
            s.GetRequiredService<ContactPoints>(), s.GetRequiredService<INotificationStore>(), s.GetRequiredService<AcknowledgeLinks>(),
            settings, s.GetRequiredService<ContactMetrics>(), s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<NotificationSender>>()));
        services.AddSingleton(s => new ContactTest(
            s.GetRequiredService<ContactPoints>(), s.GetRequiredService<NoticeMaker>(), s.GetRequiredService<TimeProvider>()));
        return services.AddSingleton<IAlertReceiver>(s => new ContactOutbox(
            s.GetRequiredService<ContactPoints>(), s.GetRequiredService<RouteBook>(), s.GetRequiredService<AlertGroups>(),
            s.GetRequiredService<INotificationStore>(), s.GetRequiredService<NoticeMaker>(), s.GetRequiredService<NotificationSender>()));
    }
}
