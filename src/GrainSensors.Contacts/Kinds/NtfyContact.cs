using GrainSensors.Contacts.Messages;

namespace GrainSensors.Contacts.Kinds;

/// <summary>A topic of ntfy, at ntfy.sh or a server of one's own.</summary>
internal sealed class NtfyContact(ContactHttp http, TimeProvider clock) : HttpContact(http, clock)
{
    private const string Server = "https://ntfy.sh";
    private const int High = 5, Middle = 4, Low = 3;

    public override string Name => "ntfy";

    public override IReadOnlyList<ContactField> Fields { get; } =
    [
        new("topic", "1 to 64 letters, digits, dashes or underscores")
        {
            IsRequired = true,
            MayBeSecret = true,
            IsValid = topic => topic.Length is > 0 and <= 64 && topic.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'),
        },
        ContactField.Url("url", $"{Server}, that of the server"),
        new("token", "an access token such as tk_…") { IsSecret = true, IsValid = token => token.Length > 0 && token.All(char.IsAscii) },
    ];

    protected internal override HttpRequestMessage RequestOf(ContactValues values, Notification notification)
    {
        var notice = notification.Notice;
        var request = Post(
            values.Find("url") ?? Server,
            new
            {
                topic = values.Get("topic"),
                title = NoticeText.Title(notice),
                message = string.Join('\n', NoticeText.Facts(notice).Select(fact => $"{fact.Name}: {fact.Value}")),
                tags = new[] { notice.IsCleared ? "white_check_mark" : notice.Level == "ERROR" ? "rotating_light" : "warning" },
                priority = notice.IsCleared || notice.IsTest ? Low : notice.Level == "ERROR" ? High : Middle,
                click = notice.Url,
                actions = notice.AcknowledgeUrl is { } url ? new[] { new { action = "view", label = NoticeText.Acknowledge, url } } : null,
            });
        if (values.Find("token") is { } token)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        return request;
    }
}
