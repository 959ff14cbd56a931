using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using GrainSensors.Contacts.Targets;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Hosting.Notifications;

/// <summary>The connection to the webhook: without redirects, to guarded targets, and with the certificates of the options.</summary>
internal static class WebhookConnection
{
    /// <exception cref="UsageException">A certificate file is invalid; the message names its key.</exception>
    public static SocketsHttpHandler HandlerOf(WebhookOptions options)
    {
        var tls = new SslClientAuthenticationOptions();
        if (options.CaFile is { } authorities)
        {
            tls.CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(
                CertificateFile.ReadAuthorities($"{WebhookOptions.Section}:CaFile", authorities));
        }

        if (options.CertificateFile is { } file)
        {
            tls.ClientCertificates = [CertificateFile.ReadCertificate($"{WebhookOptions.Section}:CertificateFile", file, options.KeyFile)];
        }

        return new() { AllowAutoRedirect = false, SslOptions = tls, ConnectCallback = TargetGuard.ConnectAsync };
    }
}
