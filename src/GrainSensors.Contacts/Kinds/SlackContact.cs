using GrainSensors.Contacts.Messages;

namespace GrainSensors.Contacts.Kinds;

/// <summary>An incoming webhook of Slack, in Block Kit.</summary>
internal sealed class SlackContact(ContactHttp http, TimeProvider clock) : HttpContact(http, clock)
{
    private const int MaxHeader = 150;
    private const int MaxField = 2000;

    /// <summary>Fields of a section.</summary>
    private const int MaxFields = 10;

    public override string Name => "slack";

    public override IReadOnlyList<ContactField> Fields { get; } =
        [ContactField.Url("url", "https://hooks.slack.com/services/…") with { IsSecret = true, IsRequired = true }];

    protected internal override HttpRequestMessage RequestOf(ContactValues values, Notification notification)
    {
        var notice = notification.Notice;
        var title = NoticeText.Title(notice);
        var blocks = new List<object>
        {
            new { type = "header", text = new { type = "plain_text", text = NoticeText.Cut(title, MaxHeader) } },
            new
            {
                type = "section",
                fields = NoticeText.Facts(notice).Take(MaxFields).Select(fact => new
                {
                    type = "mrkdwn",
                    text = NoticeText.Cut($"*{fact.Name}*\n{Escape(fact.Value)}", MaxField),
                }),
            },
        };
        if (NoticeText.Links(notice) is { Count: > 0 } links)
        {
            blocks.Add(new
            {
                type = "actions",
                elements = links.Select(link => new
                {
                    type = "button",
                    text = new { type = "plain_text", text = link.Text },
                    url = link.Url,
                }),
            });
        }

        return Post(values.Get("url"), new { text = Escape(title), blocks });
    }

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
