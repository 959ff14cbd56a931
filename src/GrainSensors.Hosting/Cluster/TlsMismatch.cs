using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Hosting.Cluster;

/// <summary>Explains why this process cannot talk to a silo that runs: one of the two uses TLS, or other certificates.</summary>
internal static class TlsMismatch
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How long a silo may take to refuse a certificate. Every start of a silo with a certificate takes this time.</summary>
    private static readonly TimeSpan RefusalPatience = TimeSpan.FromSeconds(0.5);

    /// <param name="silos">Addresses of silos or gateways.</param>
    /// <param name="own">null: this process does not use TLS.</param>
    /// <returns>A sentence about one of them; null: TLS is not the cause.</returns>
    public static async Task<string?> DescribeAsync(IEnumerable<IPEndPoint> silos, ClusterTls? own, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(silos.Select(silo => DescribeAsync(silo, own, cancellationToken)));
        return found.FirstOrDefault(sentence => sentence is not null);
    }

    private static async Task<string?> DescribeAsync(IPEndPoint silo, ClusterTls? own, CancellationToken cancellationToken)
    {
        string? certificate = null;
        var isOfCluster = false;
        var isClosed = false;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(silo, patience.Token);
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, theirs, chain, _) =>
            {
                certificate = theirs?.Subject;
                isOfCluster = theirs is not null && own?.IsOfCluster(new(theirs), chain) == true;

                // Without certificates of its own, this side learns only that the other one uses TLS, and sends nothing.
                return own is null || isOfCluster;
            });
            await tls.AuthenticateAsClientAsync(new() { ClientCertificates = own is null ? [] : [own.Certificate] }, patience.Token);

            // A silo says nothing before this side does, but closes the connection if it refuses the certificate.
            patience.CancelAfter(RefusalPatience);
            isClosed = await tls.ReadAsync(new byte[1], patience.Token) == 0;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            isClosed = true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
        }

        return (own, certificate) switch
        {
            (null, not null) =>
                $"{silo} requires TLS; set {MemberTlsOptions.Section}:CertificateFile and {MemberTlsOptions.Section}:CaFile.",
            (not null, null) when isClosed =>
                $"{silo} does not use TLS; set {MemberTlsOptions.Section} at every silo and client, or at none.",
            (not null, not null) when !isOfCluster =>
                $"no authority in {MemberTlsOptions.Section}:CaFile confirms the certificate \"{certificate}\" of {silo}.",
            (not null, not null) when isClosed => $"{silo} refuses the certificate in {MemberTlsOptions.Section}:CertificateFile.",
            _ => null,
        };
    }
}
