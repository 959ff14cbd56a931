using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Hosting.Notifications;

/// <summary>The connection to the webhook: without redirects, and with the certificates of the options.</summary>
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
            Read(
                $"{WebhookOptions.Section}:CaFile",
                authorities,
                () => tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(authorities));
        }

        if (options.CertificateFile is { } file)
        {
            X509Certificate2 certificate = null!;
            Read(
                $"{WebhookOptions.Section}:CertificateFile",
                file,
                () => certificate = X509Certificate2.CreateFromPemFile(file, options.KeyFile));
            tls.ClientCertificates = [certificate];
        }

        return new() { AllowAutoRedirect = false, SslOptions = tls };
    }

    private static void Read(string key, string file, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{key}: \"{Path.GetFullPath(file)}\" holds no readable PEM certificate and key: {e.Message}");
        }
    }
}
