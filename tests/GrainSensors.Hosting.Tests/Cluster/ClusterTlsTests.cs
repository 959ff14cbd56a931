using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Hosting.Tests.Cluster;

/// <summary>The section <c>Silo:Tls</c>: what is refused before a silo starts.</summary>
public sealed class ClusterTlsTests : IDisposable
{
    private const string Section = "GrainSensors:Silo:Tls";
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void Without_a_certificate_connections_are_not_encrypted()
    {
        Assert.True(new MemberTlsOptionsValidator().Validate(null, new()).Succeeded);
        Assert.Null(ClusterTls.ReadForSilo(new()));
    }

    [Fact]
    public void A_certificate_of_the_authority_is_accepted()
    {
        var options = Options("silo");

        Assert.True(new MemberTlsOptionsValidator().Validate(null, options).Succeeded);
        Assert.Equal("CN=silo", ClusterTls.ReadForSilo(options)!.Certificate.Subject);
    }

    [Fact]
    public void A_certificate_and_its_authorities_need_each_other()
    {
        var options = Options("silo");

        AssertRefused(options with { CaFile = null }, $"{Section}:CertificateFile requires {Section}:CaFile.");
        AssertRefused(options with { CertificateFile = null }, $"{Section} requires {Section}:CertificateFile.");
        AssertRefused(new() { KeyFile = options.KeyFile }, $"{Section} requires {Section}:CertificateFile.");
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var options = Options("silo");

        AssertRefused(options with { KeyFile = "/nosuch/silo.key" }, $"{Section}: the file \"/nosuch/silo.key\" does not exist.");
    }

    [Fact]
    public void A_certificate_of_another_authority_is_refused()
    {
        using var other = new TestAuthority();

        AssertUnusable(Options("silo") with { CaFile = other.CaFile }, "do not confirm the certificate");
    }

    [Fact]
    public void An_expired_certificate_is_refused() => AssertUnusable(Options("silo", TimeSpan.FromMinutes(90)), "(NotTimeValid)");

    [Fact]
    public void A_file_without_a_certificate_is_refused_by_its_key()
    {
        var options = Options("silo");

        AssertUnusable(options with { CertificateFile = options.KeyFile }, $"{Section}:CertificateFile: \"{options.KeyFile}\"");
        AssertUnusable(options with { CaFile = options.KeyFile }, $"{Section}:CaFile: \"{options.KeyFile}\"");
    }

    [Theory]
    [InlineData("a secret")]
    [InlineData(null)]
    public void A_PFX_file_holds_certificate_and_key(string? password)
    {
        var options = new MemberTlsOptions
        {
            CertificateFile = _authority.IssuePfx("silo", password),
            CertificatePassword = password,
            CaFile = _authority.CaFile,
        };

        Assert.True(new MemberTlsOptionsValidator().Validate(null, options).Succeeded);
        Assert.True(ClusterTls.ReadForSilo(options)!.Certificate is { Subject: "CN=silo", HasPrivateKey: true });
        AssertUnusable(
            options with { CertificatePassword = "another secret" }, $"{Section}:CertificateFile: \"{options.CertificateFile}\"");
        AssertRefused(new() { CertificatePassword = "a secret" }, $"{Section} requires {Section}:CertificateFile.");
    }

    private static void AssertRefused(MemberTlsOptions options, string failure) =>
        Assert.Equal(failure, Assert.Single(new MemberTlsOptionsValidator().Validate(null, options).Failures!));

    private static void AssertUnusable(MemberTlsOptions options, string says)
    {
        var refusal = Assert.Throws<UsageException>(() => ClusterTls.ReadForSilo(options));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    private MemberTlsOptions Options(string name, TimeSpan? age = null)
    {
        var (certificate, key) = _authority.IssueFiles(name, age);
        return new() { CertificateFile = certificate, KeyFile = key, CaFile = _authority.CaFile };
    }
}
