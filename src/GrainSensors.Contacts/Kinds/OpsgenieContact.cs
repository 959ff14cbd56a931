using GrainSensors.Contacts.Messages;

namespace GrainSensors.Contacts.Kinds;

/// <summary>An API integration of Opsgenie. The id of the alert or of its group is the alias there.</summary>
internal sealed class OpsgenieContact(ContactHttp http, TimeProvider clock) : HttpContact(http, clock)
{
    private const string Endpoint = "https://api.opsgenie.com";
    private const string Source = "GrainSensors";
    private const int MaxMessage = 130;

    public override string Name => "opsgenie";

    public override bool KeepsAlerts => true;

    public override IReadOnlyList<ContactField> Fields { get; } =
    [
        ContactField.Secret("api_key", "the key of an API integration") with { IsValid = key => key.Length > 0 && key.All(char.IsAscii) },
        ContactField.Url("url", "https://api.eu.opsgenie.com"),
    ];

    protected internal override HttpRequestMessage RequestOf(ContactValues values, Notification notification)
    {
        var notice = notification.Notice;
        var alerts = $"{(values.Find("url") ?? Endpoint).TrimEnd('/')}/v2/alerts";
        var request = notice.IsCleared
            ? Post($"{alerts}/{notice.IncidentId}/close?identifierType=alias", new { source = Source, note = notice.Message })
            : Post(
                alerts,
                new
                {
                    message = NoticeText.Cut(NoticeText.Title(notice), MaxMessage),
                    alias = notice.IncidentId,
                    description = NoticeText.Plain(notice),
                    priority = notice.IsTest ? "P5" : notice.Level == "ERROR" ? "P1" : "P3",
                    source = Source,
                    entity = NoticeText.Source(notice),
                    tags = new[] { notice.Kind },
                    details = DetailsOf(notice),
                });
        request.Headers.TryAddWithoutValidation("Authorization", $"GenieKey {values.Get("api_key")}");
        return request;
    }

    private static Dictionary<string, string> DetailsOf(Notice notice)
    {
        var details = NoticeText.Facts(notice).ToDictionary(fact => fact.Name, fact => fact.Value);
        if (notice.AcknowledgeUrl is { } url)
        {
            details[NoticeText.Acknowledge] = url;
        }

        return details;
    }
}
