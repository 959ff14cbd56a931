using System.Globalization;
using GrainSensors.Contacts.Messages;

namespace GrainSensors.Contacts.Kinds;

/// <summary>A webhook of a Discord channel, with an embed.</summary>
internal sealed class DiscordContact(ContactHttp http, TimeProvider clock) : HttpContact(http, clock)
{
    private const int MaxTitle = 256;
    private const int MaxValue = 1024;
    private const int Green = 0x2EB67D, Red = 0xE01E5A, Yellow = 0xECB22E;

    public override string Name => "discord";

    public override int RatePerMinute => 30;

    public override IReadOnlyList<ContactField> Fields { get; } =
        [ContactField.Url("url", "https://discord.com/api/webhooks/…") with { IsSecret = true, IsRequired = true }];

    protected internal override HttpRequestMessage RequestOf(ContactValues values, Notification notification)
    {
        var notice = notification.Notice;
        var facts = NoticeText.Facts(notice);

        // A webhook has no buttons, and a part of a link would lead nowhere.
        if (notice.AcknowledgeUrl is { } url && $"[{NoticeText.Acknowledge}]({url})" is { Length: <= MaxValue } link)
        {
            facts = [.. facts, (NoticeText.Acknowledge, link)];
        }

        var embed = new
        {
            title = NoticeText.Cut(NoticeText.Title(notice), MaxTitle),
            url = notice.Url,
            color = notice.IsCleared ? Green : notice.Level == "ERROR" ? Red : Yellow,
            timestamp = (notice.ClearedAt ?? notice.RaisedAt).ToString("O", CultureInfo.InvariantCulture),
            fields = facts.Select(fact => new
            {
                name = fact.Name,
                value = NoticeText.Cut(fact.Value, MaxValue),
                inline = true,
            }),
        };

        // Names of sensors come from devices: nobody is mentioned.
        return Post(
            values.Get("url"),
            new
            {
                embeds = new[] { embed },
                allowed_mentions = new { parse = Array.Empty<string>() },
            });
    }
}
