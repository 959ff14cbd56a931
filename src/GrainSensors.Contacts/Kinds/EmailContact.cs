using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using GrainSensors.Contacts.Messages;
using GrainSensors.Contacts.Targets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace GrainSensors.Contacts.Kinds;

/// <summary>E-mail by SMTP, as HTML and as text.</summary>
/// <param name="trust">Checks the certificate of the server; null: the authorities of the system do.</param>
internal sealed class EmailContact(RemoteCertificateValidationCallback? trust = null) : IContactKind
{
    private const string StartTls = "starttls", Tls = "tls", None = "none";
    private const int DefaultPort = 587, DefaultTlsPort = 465;
    private const string Domain = "grainsensors";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    public string Name => "email";

    public int RatePerMinute => 30;

    public bool KeepsAlerts => false;

    public IReadOnlyList<ContactField> Fields { get; } =
    [
        new("host", "the name or address of an SMTP server") { IsRequired = true },
        ContactField.Number("port", 1, 65_535),
        ContactField.OneOf("tls", StartTls, Tls, None),
        new("from", "an address such as GrainSensors <alerts@example.org>")
        {
            IsRequired = true, IsValid = text => MailboxAddress.TryParse(text, out _),
        },
        new("to", "addresses, separated by commas")
        {
            IsRequired = true, IsValid = text => InternetAddressList.TryParse(text, out var list) && list.Mailboxes.Any(),
        },
        new("user", "the name of the account"),
        new("password", "the password of the account") { IsSecret = true },
    ];

    public async Task SendAsync(ContactValues values, Notification notification, CancellationToken cancellationToken)
    {
        using var message = MessageOf(values, notification);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            await SendAsync(values, message, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeliveryException($"The mail server has not answered within {Timeout.TotalSeconds:0} s.", e);
        }
        catch (RefusedTargetException e)
        {
            throw new DeliveryException(e.Message, e) { IsPermanent = true };
        }
        catch (SmtpCommandException e)
        {
            // 5yz: the server would refuse the same message again.
            throw new DeliveryException($"The mail server answers with {(int)e.StatusCode}: {OneLine(e)}", e)
            {
                IsPermanent = (int)e.StatusCode is >= 550 and < 560,
            };
        }
        catch (Exception e) when (e is SocketException or IOException or ProtocolException or AuthenticationException
            or SslHandshakeException or NotSupportedException or ServiceNotConnectedException or ServiceNotAuthenticatedException)
        {
            throw new DeliveryException($"The mail server cannot be used: {OneLine(e)}", e);
        }
    }

    internal static MimeMessage MessageOf(ContactValues values, Notification notification)
    {
        var notice = notification.Notice;
        var message = new MimeMessage
        {
            Subject = NoticeText.Title(notice),
            Date = new(notice.ClearedAt ?? notice.RaisedAt, TimeSpan.Zero),

            // The same for each attempt: mail programs show a message once.
            MessageId = $"{notification.Key}@{Domain}",
            Body = new BodyBuilder { TextBody = NoticeText.Plain(notice), HtmlBody = Html(notice) }.ToMessageBody(),
        };
        message.From.Add(MailboxAddress.Parse(values.Get("from")));
        message.To.AddRange(InternetAddressList.Parse(values.Get("to")));

        // All messages of an alert or a group are one conversation.
        message.References.Add($"{notice.IncidentId}@{Domain}");
        message.InReplyTo = $"{notice.IncidentId}@{Domain}";
        message.Headers.Add("Idempotency-Key", notification.Key.ToString());
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        return message;
    }

    private async Task SendAsync(ContactValues values, MimeMessage message, CancellationToken cancellationToken)
    {
        var host = values.Get("host");
        var security = values.Find("tls") ?? StartTls;
        var port = values.Find("port") is { } text ? int.Parse(text, CultureInfo.InvariantCulture)
            : security == Tls ? DefaultTlsPort
            : DefaultPort;
        using var client = new SmtpClient { ServerCertificateValidationCallback = trust };
        var stream = await TargetGuard.ConnectAsync(host, port, cancellationToken);
        await client.ConnectAsync(
            stream,
            host,
            port,
            security switch
            {
                Tls => SecureSocketOptions.SslOnConnect,
                None => SecureSocketOptions.None,
                _ => SecureSocketOptions.StartTls,
            },
            cancellationToken);
        if (values.Find("user") is { } user)
        {
            await client.AuthenticateAsync(user, values.Find("password") ?? "", cancellationToken);
        }

        await client.SendAsync(message, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    private static string Html(Notice notice)
    {
        var color = notice.IsCleared ? "#1a7f37" : notice.Level == "ERROR" ? "#b42318" : "#9a6700";
        var rows = string.Concat(NoticeText.Facts(notice).Select(fact =>
            $"<tr><th align=\"left\">{Encode(fact.Name)}</th><td>{Lines(fact.Value)}</td></tr>"));
        var links = string.Concat(NoticeText.Links(notice).Select(link => $"<p><a href=\"{Encode(link.Url)}\">{link.Text}</a></p>"));
        return $"<!DOCTYPE html><html><body><h2 style=\"color:{color}\">{Encode(NoticeText.Title(notice))}</h2>"
            + $"<table cellpadding=\"4\">{rows}</table>{links}</body></html>";
    }

    private static string Lines(string text) => Encode(text).Replace("\n", "<br>", StringComparison.Ordinal);

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string OneLine(Exception e) => $"{e.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ')}.";
}
