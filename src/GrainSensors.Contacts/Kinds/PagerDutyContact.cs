using System.Globalization;
using GrainSensors.Contacts.Messages;

namespace GrainSensors.Contacts.Kinds;

/// <summary>A service of PagerDuty by its Events API v2. The id of the alert or of its group is the key of the incident.</summary>
internal sealed class PagerDutyContact(ContactHttp http, TimeProvider clock) : HttpContact(http, clock)
{
    private const string Endpoint = "https://events.pagerduty.com/v2/enqueue";
    private const int MaxSummary = 1024;

    public override string Name => "pagerduty";

    public override int RatePerMinute => 120;

    public override bool KeepsAlerts => true;

    public override IReadOnlyList<ContactField> Fields { get; } =
    [
        ContactField.Secret("routing_key", "the integration key of an Events API v2 integration"),
        ContactField.Url("url", "https://events.eu.pagerduty.com/v2/enqueue"),
    ];

    protected internal override HttpRequestMessage RequestOf(ContactValues values, Notification notification)
    {
        var notice = notification.Notice;
        var (url, key) = (values.Find("url") ?? Endpoint, values.Get("routing_key"));
        if (notice.IsCleared)
        {
            return Post(url, new { routing_key = key, event_action = "resolve", dedup_key = notice.IncidentId });
        }

        return Post(
            url,
            new
            {
                routing_key = key,
                event_action = "trigger",
                dedup_key = notice.IncidentId,
                client = "GrainSensors",
                client_url = notice.Url,
                links = NoticeText.Links(notice) is { Count: > 0 } links
                    ? links.Select(link => new { href = link.Url, text = link.Text })
                    : null,
                payload = new
                {
                    summary = NoticeText.Cut(NoticeText.Title(notice), MaxSummary),
                    source = NoticeText.Source(notice),
                    severity = notice.IsTest ? "info" : notice.Level == "ERROR" ? "critical" : "warning",
                    timestamp = notice.RaisedAt.ToString("O", CultureInfo.InvariantCulture),
                    component = notice.Measurement,
                    group = notice.Station ?? notice.City,
                    @class = notice.Kind,
                    custom_details = NoticeText.Facts(notice).ToDictionary(fact => fact.Name, fact => fact.Value),
                },
            });
    }
}
