using System.Text.Json.Serialization;
using GrainSensors.Contacts.Messages;

namespace GrainSensors.Contacts.Kinds;

/// <summary>A workflow of Microsoft Teams that takes webhook requests, with an adaptive card.</summary>
internal sealed class TeamsContact(ContactHttp http, TimeProvider clock) : HttpContact(http, clock)
{
    public override string Name => "teams";

    public override IReadOnlyList<ContactField> Fields { get; } =
        [ContactField.Url("url", "that of a workflow, https://….logic.azure.com/workflows/…") with { IsSecret = true, IsRequired = true }];

    protected internal override HttpRequestMessage RequestOf(ContactValues values, Notification notification)
    {
        var notice = notification.Notice;
        var card = new Card(
            [
                new
                {
                    type = "TextBlock",
                    text = NoticeText.Title(notice),
                    weight = "Bolder",
                    size = "Medium",
                    color = notice.IsCleared ? "Good" : notice.Level == "ERROR" ? "Attention" : "Warning",
                    wrap = true,
                },
                new
                {
                    type = "FactSet",
                    facts = NoticeText.Facts(notice).Select(fact => new { title = fact.Name, value = fact.Value }),
                },
            ],
            NoticeText.Links(notice) is { Count: > 0 } links
                ? [.. links.Select(link => new { type = "Action.OpenUrl", title = link.Text, url = link.Url })]
                : null);
        var attachment = new { contentType = "application/vnd.microsoft.card.adaptive", content = card };
        return Post(values.Get("url"), new { type = "message", attachments = new[] { attachment } });
    }

    private sealed record Card(
        [property: JsonPropertyName("body")] object[] Body, [property: JsonPropertyName("actions")] object[]? Actions)
    {
        [JsonPropertyName("$schema")]
        public string Schema { get; } = "http://adaptivecards.io/schemas/adaptive-card.json";

        [JsonPropertyName("type")]
        public string Type { get; } = "AdaptiveCard";

        [JsonPropertyName("version")]
        public string Version { get; } = "1.4";
    }
}
