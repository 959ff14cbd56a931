using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GrainSensors.Hosting.Configuration;
using Orleans.Connections.Security;

namespace GrainSensors.Hosting.Cluster;

/// <summary>Mutual TLS between the silos of a cluster and its clients: each side has a certificate of the cluster's authorities.</summary>
/// <remarks>Each handshake takes the present certificate and authorities, so files that are read again count for new connections.</remarks>
internal sealed class ClusterTls
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly MemberTlsOptions _options;
    private readonly Oid[] _usages;
    private volatile Contents _contents;

    private ClusterTls(MemberTlsOptions options, Oid[] usages)
    {
        (_options, _usages) = (options, usages);
        _contents = Read();
    }

    public X509Certificate2 Certificate => _contents.Certificate;

    /// <returns>null: connections are not encrypted.</returns>
    /// <exception cref="UsageException">A file is invalid, or the certificate is not valid for the cluster.</exception>
    public static ClusterTls? ReadForSilo(MemberTlsOptions options) => Of(options, ServerAuthentication, ClientAuthentication);

    /// <inheritdoc cref="ReadForSilo"/>
    public static ClusterTls? ReadForClient(MemberTlsOptions options) => Of(options, ClientAuthentication);

    /// <summary>Reads the files again.</summary>
    /// <returns>True: they have changed.</returns>
    /// <exception cref="UsageException">They are not valid for the cluster; the earlier ones stay in use.</exception>
    public bool Refresh()
    {
        var read = Read();
        if (read.Hash == _contents.Hash)
        {
            return false;
        }

        _contents = read;
        return true;
    }

    public void Configure(TlsOptions options)
    {
        // Orleans wants a certificate that it can check at the start, although the selectors precede it.
        options.LocalCertificate = Certificate;
        options.LocalServerCertificateSelector = (_, _) => Certificate;
        options.LocalClientCertificateSelector = (_, _, _, _, _) => Certificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, chain, _) => IsOfCluster(certificate, chain);
    }

    /// <summary>Whether the other side belongs to the cluster. Names do not matter: silos know each other by address.</summary>
    /// <param name="chain">With the usage that is required, and the intermediate certificates that the other side sent.</param>
    public bool IsOfCluster(X509Certificate2 certificate, X509Chain? chain) =>
        chain is not null && IsConfirmed(certificate, chain, _contents.Authorities);

    private static bool IsConfirmed(X509Certificate2 certificate, X509Chain chain, X509Certificate2Collection authorities)
    {
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        return chain.Build(certificate);
    }

    private static ClusterTls? Of(MemberTlsOptions options, params Oid[] usages) =>
        options is { CertificateFile: not null, CaFile: not null } ? new(options, usages) : null;

    private Contents Read()
    {
        var (file, authoritiesFile) = (_options.CertificateFile!, _options.CaFile!);

        // The hash comes first: files that change during the read have another one at the next read.
        var hash = CertificateFile.HashOf($"{MemberTlsOptions.Section}", file, _options.KeyFile, authoritiesFile);
        var certificate = CertificateFile.ReadCertificate(
            $"{MemberTlsOptions.Section}:CertificateFile", file, _options.KeyFile, _options.CertificatePassword);
        var authorities = CertificateFile.ReadAuthorities($"{MemberTlsOptions.Section}:CaFile", authoritiesFile);
        using var chain = new X509Chain();
        _usages.ToList().ForEach(usage => chain.ChainPolicy.ApplicationPolicy.Add(usage));
        return IsConfirmed(certificate, chain, authorities) ? new(certificate, authorities, hash) : throw new UsageException(
            $"{MemberTlsOptions.Section}:CertificateFile: the authorities in \"{Path.GetFullPath(authoritiesFile)}\" do not confirm the "
            + $"certificate in \"{Path.GetFullPath(file)}\": {string.Join(' ', chain.ChainStatus.Select(status => Sentence(status)))}");
    }

    private static string Sentence(X509ChainStatus status) => $"{status.StatusInformation.TrimEnd('.', '\n')} ({status.Status}).";

    /// <param name="Hash">Of the contents of all files.</param>
    private sealed record Contents(X509Certificate2 Certificate, X509Certificate2Collection Authorities, string Hash);
}
