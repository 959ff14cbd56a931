using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using GrainSensors.Hosting.Cluster;

namespace GrainSensors.Hosting.Tests.Cluster;

/// <summary>Why a silo cannot talk to another: TLS on one side only, or certificates of different authorities.</summary>
public sealed class TlsMismatchTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new();
    private readonly TcpListener _silo = new(IPAddress.Loopback, 0);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _silo.Dispose();
        _authority.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task A_silo_with_the_same_authority_does_not_differ() =>
        Assert.Null(await DescribeAsync(Own(_authority), Own(_authority)));

    [Fact]
    public async Task Silos_without_TLS_do_not_differ() => Assert.Null(await DescribeAsync(silo: null, own: null));

    [Fact]
    public async Task A_silo_that_requires_TLS_is_named() =>
        Assert.Contains("requires TLS; set GrainSensors:Silo:Tls:CertificateFile", await DescribeAsync(Own(_authority), own: null));

    [Fact]
    public async Task A_silo_without_TLS_is_named() =>
        Assert.Contains("does not use TLS; set GrainSensors:Silo:Tls at every silo", await DescribeAsync(silo: null, Own(_authority)));

    [Fact]
    public async Task A_silo_of_another_authority_is_named() => Assert.Contains(
        "no authority in GrainSensors:Silo:Tls:CaFile confirms the certificate \"CN=silo\" of 127.0.0.1:",
        await DescribeAsync(Own(_other), Own(_authority)));

    [Fact]
    public async Task A_silo_that_refuses_the_certificate_is_named()
    {
        // The certificate of the silo is known, but the silo does not know the other authority.
        var both = Path.GetTempFileName();
        var authorities = await Task.WhenAll(
            File.ReadAllTextAsync(_authority.CaFile, Cancellation), File.ReadAllTextAsync(_other.CaFile, Cancellation));
        await File.WriteAllTextAsync(both, string.Join('\n', authorities), Cancellation);
        try
        {
            var sentence = await DescribeAsync(Own(_authority), Own(_other, both));
            Assert.Contains("refuses the certificate in GrainSensors:Silo:Tls:CertificateFile.", sentence);
        }
        finally
        {
            File.Delete(both);
        }
    }

    private static ClusterTls Own(TestAuthority authority, string? caFile = null)
    {
        var (certificate, key) = authority.IssueFiles("silo");
        return ClusterTls.ReadForSilo(new() { CertificateFile = certificate, KeyFile = key, CaFile = caFile ?? authority.CaFile })!;
    }

    private async Task<string?> DescribeAsync(ClusterTls? silo, ClusterTls? own)
    {
        _silo.Start();
        var served = ServeAsync(silo);
        var sentence = await TlsMismatch.DescribeAsync([(IPEndPoint)_silo.LocalEndpoint], own, Cancellation);
        await served;
        return sentence;
    }

    /// <summary>As a silo: reads what the other side sends first, and closes the connection if that is not what it expects.</summary>
    private async Task ServeAsync(ClusterTls? silo)
    {
        using var client = await _silo.AcceptTcpClientAsync(Cancellation);
        try
        {
            if (silo is null)
            {
                await client.GetStream().ReadAtLeastAsync(new byte[4], 4, throwOnEndOfStream: false, Cancellation);
                return;
            }

            await using var tls = new SslStream(
                client.GetStream(), false, (_, theirs, chain, _) => theirs is not null && silo.IsOfCluster(new(theirs), chain));
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = silo.Certificate, ClientCertificateRequired = true },
                Cancellation);
            await tls.ReadAtLeastAsync(new byte[4], 4, throwOnEndOfStream: false, Cancellation);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // As a silo, it closes the connection.
        }
    }
}
