using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GrainSensors.Tests.Shared;

/// <summary>A certificate authority whose certificates are in PEM files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly TemporaryDirectory _folder = new();
    private readonly X509Certificate2 _authority;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=authority {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow - Lifetime - Lifetime, DateTimeOffset.UtcNow + Lifetime);
        CaFile = Write("ca.pem", _authority.ExportCertificatePem());
    }

    public string CaFile { get; }

    /// <param name="age">How long ago its lifetime of an hour began; null: half an hour.</param>
    public X509Certificate2 Issue(string name, TimeSpan? age = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var begin = DateTimeOffset.UtcNow - (age ?? Lifetime / 2);
        using var issued = request.Create(_authority, begin, begin + Lifetime, RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    /// <returns>The files of the certificate and of its private key.</returns>
    public (string Certificate, string Key) IssueFiles(string name, TimeSpan? age = null)
    {
        using var certificate = Issue(name, age);
        return (
            Write($"{name}.pem", certificate.ExportCertificatePem()),
            Write($"{name}.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));
    }

    /// <returns>A PKCS #12 file of the certificate and its private key.</returns>
    public string IssuePfx(string name, string? password)
    {
        using var certificate = Issue(name);
        var file = _folder.File($"{name}.pfx");
        File.WriteAllBytes(file, certificate.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, password));
        return file;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private string Write(string name, string text)
    {
        var file = _folder.File(name);
        File.WriteAllText(file, text);
        return file;
    }
}
