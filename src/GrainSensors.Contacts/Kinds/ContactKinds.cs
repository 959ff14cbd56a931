namespace GrainSensors.Contacts.Kinds;

/// <summary>All kinds of contact points.</summary>
internal static class ContactKinds
{
    public static IReadOnlyList<IContactKind> Create(ContactHttp http, TimeProvider clock) =>
    [
        new EmailContact(),
        new SlackContact(http, clock),
        new TeamsContact(http, clock),
        new DiscordContact(http, clock),
        new PagerDutyContact(http, clock),
        new OpsgenieContact(http, clock),
        new NtfyContact(http, clock),
        new WebhookContact(http, clock),
        new AlertmanagerContact(http, clock),
        new MqttContact(),
    ];
}
