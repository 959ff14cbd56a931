using System.Net;
using System.Security.Cryptography.X509Certificates;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Notifications;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Hosting.Tests.Notifications;

/// <summary>The options of the webhook: credentials, headers and certificates.</summary>
public sealed class WebhookConnectionTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("http://am:s3cret@host:9093/api", "am:s3cret")]
    [InlineData("http://am:p%40ss%3Aw%C3%B6rd@host:9093/api", "am:p@ss:wörd")]
    [InlineData("http://am@host:9093/api", "am:")]
    public void A_user_and_a_password_in_the_URL_are_sent_as_Basic_authentication(string url, string credentials)
    {
        var target = WebhookServices.TargetOf(new() { Url = new(url) });

        Assert.Equal("http://host:9093/api", target.Url.ToString());
        Assert.StartsWith("Basic ", target.Authorization, StringComparison.Ordinal);
        Assert.Equal(credentials, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(target.Authorization![6..])));
    }

    [Theory]
    [InlineData("ftp://host/", null, null, null, "Url must start with http:// or https://; got \"ftp://\"")]
    [InlineData("http://a:b@host/", "Bearer x", null, null, "Url contains a user, and")]
    [InlineData("http://host/", null, "Host", "x", "Headers must not contain Host")]
    [InlineData("http://host/", null, "X Site", "hidden", "Headers:X Site is not a valid header")]
    [InlineData("http://host/", null, "X-Site", "hidden\nEvil: 1", "Headers:X-Site is not a valid header")]
    public void A_wrong_value_is_refused_by_its_key_without_secrets(
        string url, string? authorization, string? name, string? value, string says)
    {
        var options = new WebhookOptions
        {
            Url = new(url),
            Authorization = authorization,
            Headers = name is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [name] = value! },
        };

        var failure = Assert.Single(new WebhookOptionsValidator().Validate(null, options).Failures!);

        Assert.Contains(says, failure, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("a:b", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_certificate_is_refused_by_its_key()
    {
        var file = _folder.File("ca.pem");
        File.WriteAllText(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        var refusal = Assert.Throws<UsageException>(() => WebhookConnection.HandlerOf(new() { Url = new("https://host/"), CaFile = file }));

        Assert.StartsWith(
            $"GrainSensors:Monitor:Webhook:CaFile: \"{file}\" holds no readable certificate", refusal.Message, StringComparison.Ordinal);
        var missing = new WebhookOptions { Url = new("https://host/"), CaFile = file + "x" };
        Assert.Contains(
            "does not exist", Assert.Single(new WebhookOptionsValidator().Validate(null, missing).Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_receiver_is_trusted_by_its_authority_and_knows_the_silo_by_its_certificate()
    {
        using var authority = new TestAuthority();
        using var server = authority.Issue("localhost");
        var (certificate, key) = authority.IssueFiles("silo");
        var options = new WebhookOptions
        {
            Url = new("https://localhost/"),
            CaFile = authority.CaFile,
            CertificateFile = certificate,
            KeyFile = key,
        };
        await using var receiver = await StartAsync(server);
        var addresses = receiver.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var address = new UriBuilder(addresses.Single()) { Host = "localhost" };

        using var known = new HttpClient(WebhookConnection.HandlerOf(options));
        Assert.Equal("CN=silo", await known.GetStringAsync(address.Uri, Cancellation));

        using var untrusting = new HttpClient(WebhookConnection.HandlerOf(new() { Url = options.Url }));
        await Assert.ThrowsAsync<HttpRequestException>(() => untrusting.GetStringAsync(address.Uri, Cancellation));
    }

    private static async Task<WebApplication> StartAsync(X509Certificate2 certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
        })));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/", (HttpContext context) => context.Connection.ClientCertificate?.Subject ?? "nobody");
        await app.StartAsync(Cancellation);
        return app;
    }
}
