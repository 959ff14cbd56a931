using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using GrainSensors.Contacts.Kinds;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace GrainSensors.Contacts.Tests.Kinds;

/// <summary>E-mail against an SMTP server.</summary>
public sealed class EmailContactTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Mailbox _mailbox = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _authority.Dispose();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task A_notification_arrives_as_text_and_as_HTML(string tls)
    {
        var port = Serve(tls);
        await Contact.SendAsync(Values(port, tls), new(Notices.Key, Notices.Raised), Stop);

        var message = Assert.Single(_mailbox.Messages);
        Assert.Equal("ERROR: Sensor 7: disconnected (Valencia, Viveros)", message.Subject);
        Assert.Equal("alerts@example.org", message.From.Mailboxes.Single().Address);
        Assert.Equal(["ana@example.org", "bo@example.org"], message.To.Mailboxes.Select(mailbox => mailbox.Address));
        Assert.Equal($"{Notices.Key}@grainsensors", message.MessageId);
        Assert.Equal($"{Notices.Key}", message.Headers["Idempotency-Key"]);
        Assert.Equal("auto-generated", message.Headers[HeaderId.AutoSubmitted]);
        Assert.Contains("Tags: floor=2, room=kitchen", message.TextBody, StringComparison.Ordinal);
        Assert.Contains("https://sensors.example.org/sensors/7", message.TextBody, StringComparison.Ordinal);
        Assert.Contains($"Acknowledge: {Notices.Raised.AcknowledgeUrl}", message.TextBody, StringComparison.Ordinal);
        Assert.Contains($"<a href=\"{Notices.Raised.AcknowledgeUrl}\">Acknowledge</a>", message.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("<td>Boiler &lt;2&gt;</td>", message.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://sensors.example.org/sensors/7\">", message.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_messages_of_an_alert_are_one_conversation()
    {
        var port = Serve("none");
        await Contact.SendAsync(Values(port, "none"), new(Notices.Key, Notices.Raised), Stop);
        await Contact.SendAsync(Values(port, "none"), new(Guid.NewGuid(), Notices.Cleared), Stop);

        Assert.Equal(2, _mailbox.Messages.Count);
        Assert.Single(_mailbox.Messages.Select(message => message.InReplyTo).Distinct());
        Assert.Equal(2, _mailbox.Messages.Select(message => message.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task A_server_without_TLS_gets_nothing_unless_that_is_wanted()
    {
        var port = Serve("none");
        await Assert.ThrowsAsync<DeliveryException>(
            () => Contact.SendAsync(Values(port, "starttls"), new(Notices.Key, Notices.Raised), Stop));
        Assert.Empty(_mailbox.Messages);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_refused()
    {
        var port = Serve("tls");
        var failure = await Assert.ThrowsAsync<DeliveryException>(
            () => new EmailContact().SendAsync(Values(port, "tls"), new(Notices.Key, Notices.Raised), Stop));
        Assert.False(failure.IsPermanent);
        Assert.Empty(_mailbox.Messages);
    }

    [Fact]
    public async Task A_wrong_password_is_tried_again_and_is_in_no_message()
    {
        var port = Serve("starttls");
        var failure = await Assert.ThrowsAsync<DeliveryException>(
            () => Contact.SendAsync(Values(port, "starttls", password: "topsecret-wrong"), new(Notices.Key, Notices.Raised), Stop));
        Assert.False(failure.IsPermanent);
        Assert.DoesNotContain("topsecret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SmtpReplyCode.MailboxUnavailable, true)]
    [InlineData(SmtpReplyCode.InsufficientStorage, false)]
    public async Task A_refused_message_says_whether_an_attempt_can_help(SmtpReplyCode code, bool isPermanent)
    {
        _mailbox.Answer = new(code, "no");
        var port = Serve("none");
        var failure = await Assert.ThrowsAsync<DeliveryException>(
            () => Contact.SendAsync(Values(port, "none"), new(Notices.Key, Notices.Raised), Stop));
        Assert.Equal((isPermanent, $"The mail server answers with {(int)code}: no."), (failure.IsPermanent, failure.Message));
    }

    [Fact]
    public async Task A_server_with_a_link_local_address_is_refused()
    {
        var failure = await Assert.ThrowsAsync<DeliveryException>(
            () => Contact.SendAsync(Values(25, "none", "169.254.169.254"), new(Notices.Key, Notices.Raised), Stop));
        Assert.True(failure.IsPermanent);
    }

    private EmailContact Contact => new((_, certificate, _, _) =>
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(_authority.CaFile);
        return chain.Build(new(certificate!));
    });

    private static ContactValues Values(int port, string tls, string host = "localhost", string password = "topsecret-right") => new(
        new Dictionary<string, string>
        {
            ["host"] = host,
            ["port"] = $"{port}",
            ["tls"] = tls,
            ["from"] = "GrainSensors <alerts@example.org>",
            ["to"] = "ana@example.org, Bo <bo@example.org>",
        }.Concat(tls == "none" ? [] : [KeyValuePair.Create("user", "alerts")]).ToDictionary(),
        new Dictionary<string, string> { ["password"] = password });

    private int Serve(string tls)
    {
        var port = FreePort();
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new(IPAddress.Loopback, port)).AuthenticationRequired(tls != "none").IsSecure(tls == "tls");
            if (tls != "none")
            {
                endpoint.Certificate(Certificate());
            }
        }).Build();
        var services = new ServiceProvider();
        services.Add(_mailbox);
        services.Add(new DelegatingUserAuthenticator((_, user, password) => user == "alerts" && password == "topsecret-right"));
        _ = new SmtpServer.SmtpServer(options, services).StartAsync(_stop.Token);
        return port;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private X509Certificate2 Certificate()
    {
        using var issued = _authority.Issue("localhost");
        return X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class Mailbox : MessageStore
    {
        public ConcurrentQueue<MimeMessage> Messages { get; } = new();

        public SmtpResponse Answer { get; set; } = SmtpResponse.Ok;

        public override async Task<SmtpResponse> SaveAsync(
            ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            using var stream = new MemoryStream(buffer.ToArray());
            var message = await MimeMessage.LoadAsync(stream, cancellationToken);
            if (Answer == SmtpResponse.Ok)
            {
                Messages.Enqueue(message);
            }

            return Answer;
        }
    }
}
