using System.Text;
using Fluid;
using GrainSensors.Contacts.Messages;

namespace GrainSensors.Contacts.Kinds;

/// <summary>A webhook of any service, with a body from a Liquid template or the notice as JSON.</summary>
internal sealed class WebhookContact(ContactHttp http, TimeProvider clock) : HttpContact(http, clock)
{
    private const string Json = "application/json";
    private static readonly FluidParser Parser = new();

    private static readonly TemplateOptions Template = new() { MaxSteps = 10_000, MaxRecursion = 10 };

    public override string Name => "webhook";

    public override int RatePerMinute => 600;

    public override IReadOnlyList<ContactField> Fields { get; } =
    [
        ContactField.Url("url", "https://example.org/alerts") with { IsRequired = true, MayBeSecret = true },
        ContactField.Authorization,
        new("template", "a Liquid template such as {{ message }}") { IsValid = value => Parser.TryParse(value, out _, out _) },
        new("content_type", "a media type such as text/plain")
        {
            IsValid = value => System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(value, out _),
        },
    ];

    protected internal override HttpRequestMessage RequestOf(ContactValues values, Notification notification)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, values.Get("url"))
        {
            Content = new StringContent(BodyOf(values, notification), Encoding.UTF8),
        };
        request.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(values.Find("content_type") ?? Json);
        request.Content.Headers.ContentType.CharSet ??= "utf-8";
        Authorize(request, values);
        return request;
    }

    private static string BodyOf(ContactValues values, Notification notification)
    {
        if (values.Find("template") is not { } text)
        {
            return notification.Notice.ToJson(notification.Key);
        }

        try
        {
            var context = new TemplateContext(Model(notification), Template);
            return Parser.Parse(text).Render(context);
        }
        catch (Exception e) when (e is ParseException or InvalidOperationException)
        {
            throw new DeliveryException($"The template cannot be rendered: {e.Message.TrimEnd('.')}.", e) { IsPermanent = true };
        }
    }

    /// <returns>The members of the notice, with title, text and key.</returns>
    private static Dictionary<string, object?> Model(Notification notification)
    {
        var notice = notification.Notice;
        return new()
        {
            ["idempotency_key"] = notification.Key.ToString(),
            ["title"] = NoticeText.Title(notice),
            ["text"] = NoticeText.Plain(notice),
            ["event"] = notice.IsCleared ? "cleared" : "raised",
            ["alert_id"] = notice.AlertId.ToString(),
            ["occurrence"] = notice.Occurrence,
            ["sensor_id"] = notice.SensorId,
            ["sensor_group"] = notice.SensorGroup,
            ["display_name"] = notice.DisplayName,
            ["city"] = notice.City,
            ["station"] = notice.Station,
            ["tags"] = notice.Tags,
            ["measurement"] = notice.Measurement,
            ["kind"] = notice.Kind,
            ["rule"] = notice.Rule,
            ["runbook"] = notice.Runbook,
            ["labels"] = notice.Labels,
            ["alert_labels"] = notice.AlertLabels,
            ["level"] = notice.Level,
            ["message"] = notice.Message,
            ["raised_at"] = notice.RaisedAt,
            ["cleared_at"] = notice.ClearedAt,
            ["value"] = notice.Value,
            ["expected"] = notice.Expected,
            ["url"] = notice.Url,
            ["acknowledge_url"] = notice.AcknowledgeUrl,
            ["occasion"] = notice.Occasion switch
            {
                NoticeOccasion.Reminder => "reminder",
                NoticeOccasion.Escalation => "escalation",
                _ => null,
            },
            ["group_id"] = notice.GroupId?.ToString(),
            ["group_labels"] = notice.GroupLabels,
            ["open_alerts"] = notice.OpenAlerts,
            ["cleared_alerts"] = notice.ClearedAlerts,
            ["alerts"] = notice.Alerts,
            ["is_test"] = notice.IsTest,
        };
    }
}
