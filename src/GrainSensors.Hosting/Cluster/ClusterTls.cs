using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GrainSensors.Hosting.Configuration;
using Orleans.Connections.Security;

namespace GrainSensors.Hosting.Cluster;

/// <summary>Mutual TLS between the silos of a cluster and its clients: each side has a certificate of the cluster's authorities.</summary>
internal sealed class ClusterTls
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _authorities;

    private ClusterTls(X509Certificate2 certificate, X509Certificate2Collection authorities) =>
        (_certificate, _authorities) = (certificate, authorities);

    public X509Certificate2 Certificate => _certificate;

    /// <returns>null: connections are not encrypted.</returns>
    /// <exception cref="UsageException">A file is invalid, or the certificate is not valid for the cluster.</exception>
    public static ClusterTls? ReadForSilo(MemberTlsOptions options) => Read(options, ServerAuthentication, ClientAuthentication);

    /// <inheritdoc cref="ReadForSilo"/>
    public static ClusterTls? ReadForClient(MemberTlsOptions options) => Read(options, ClientAuthentication);

    public void Configure(TlsOptions options)
    {
        options.LocalCertificate = _certificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, chain, _) => IsOfCluster(certificate, chain);
    }

    /// <summary>Whether the other side belongs to the cluster. Names do not matter: silos know each other by address.</summary>
    /// <param name="chain">With the usage that is required, and the intermediate certificates that the other side sent.</param>
    public bool IsOfCluster(X509Certificate2 certificate, X509Chain? chain)
    {
        if (chain is null)
        {
            return false;
        }

        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        return chain.Build(certificate);
    }

    private static ClusterTls? Read(MemberTlsOptions options, params Oid[] usages)
    {
        if (options is not { CertificateFile: { } file, CaFile: { } authorities })
        {
            return null;
        }

        var tls = new ClusterTls(
            PemFile.ReadCertificate($"{MemberTlsOptions.Section}:CertificateFile", file, options.KeyFile),
            PemFile.ReadAuthorities($"{MemberTlsOptions.Section}:CaFile", authorities));
        using var chain = new X509Chain();
        usages.ToList().ForEach(usage => chain.ChainPolicy.ApplicationPolicy.Add(usage));
        return tls.IsOfCluster(tls._certificate, chain) ? tls : throw new UsageException(
            $"{MemberTlsOptions.Section}:CertificateFile: the authorities in \"{Path.GetFullPath(authorities)}\" do not confirm the "
            + $"certificate in \"{Path.GetFullPath(file)}\": {string.Join(' ', chain.ChainStatus.Select(status => Sentence(status)))}");
    }

    private static string Sentence(X509ChainStatus status) => $"{status.StatusInformation.TrimEnd('.', '\n')} ({status.Status}).";
}
