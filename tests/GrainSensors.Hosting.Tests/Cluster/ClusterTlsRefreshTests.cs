using System.Security.Cryptography.X509Certificates;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;
using Microsoft.Extensions.Time.Testing;
using Orleans.Connections.Security;

namespace GrainSensors.Hosting.Tests.Cluster;

/// <summary>Certificate files that are renewed while a silo runs.</summary>
public sealed class ClusterTlsRefreshTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestAuthority _authority = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly RecordedLog<ClusterTlsRefresh> _log = new();
    private readonly TlsOptions _silo = new();
    private MemberTlsOptions _options = null!;
    private ClusterTls _tls = null!;
    private ClusterTlsRefresh _refresh = null!;

    private X509Certificate2 Shown => _silo.LocalServerCertificateSelector!(null!, null)!;

    public async ValueTask InitializeAsync()
    {
        var (certificate, key) = _authority.IssueFiles("silo");
        _options = new() { CertificateFile = certificate, KeyFile = key, CaFile = _authority.CaFile };
        _tls = ClusterTls.ReadForSilo(_options)!;
        _tls.Configure(_silo);
        _refresh = new(_tls, _clock, _log);
        await _refresh.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _refresh.StopAsync(CancellationToken.None);
        _refresh.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task New_connections_show_a_renewed_certificate_as_servers_and_as_clients()
    {
        var before = Shown.Thumbprint;
        _authority.IssueFiles("silo");

        await UntilAsync(() => Shown.Thumbprint != before);

        Assert.Equal(Shown, _silo.LocalClientCertificateSelector!(this, "", [], null, []));
        Assert.Contains("use the certificate CN=silo, valid until", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_files_are_reported_once_and_the_certificate_stays_until_they_are_valid_again()
    {
        var before = Shown.Thumbprint;
        await File.WriteAllTextAsync(_options.KeyFile!, "half a key", TestContext.Current.CancellationToken);
        await UntilAsync(() => _log.Lines.Count > 0);
        Advance(5);
        Assert.Contains("the earlier ones stay in use: GrainSensors:Silo:Tls:CertificateFile", Assert.Single(_log.Lines));
        Assert.Equal(before, Shown.Thumbprint);

        _authority.IssueFiles("silo", TimeSpan.FromMinutes(90));
        await UntilAsync(() => _log.Lines.Count > 1);
        Assert.Contains("(NotTimeValid)", _log.Lines[1], StringComparison.Ordinal);
        Assert.Equal(before, Shown.Thumbprint);

        _authority.IssueFiles("silo");
        await UntilAsync(() => Shown.Thumbprint != before);
    }

    [Fact]
    public async Task An_authority_that_is_added_confirms_certificates_from_then_on()
    {
        using var other = new TestAuthority();
        using var stranger = other.Issue("silo");
        Assert.False(IsOfCluster(stranger));

        await File.AppendAllTextAsync(
            _options.CaFile!,
            $"\n{await File.ReadAllTextAsync(other.CaFile, TestContext.Current.CancellationToken)}",
            TestContext.Current.CancellationToken);

        await UntilAsync(() => IsOfCluster(stranger));
    }

    private bool IsOfCluster(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        return _silo.RemoteCertificateValidation!(certificate, chain, default);
    }

    private void Advance(int intervals)
    {
        for (var i = 0; i < intervals; i++)
        {
            _clock.Advance(ClusterTlsRefresh.Interval);
        }
    }

    private Task UntilAsync(Func<bool> condition) => Until.Async(
        () =>
        {
            Advance(1);
            return condition();
        },
        () => string.Join('\n', _log.Lines),
        Patience);
}
