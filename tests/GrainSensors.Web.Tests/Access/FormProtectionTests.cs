using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Web.Tests.Access;

/// <summary>Forms behind a balancer, which sends each request to any silo.</summary>
[Trait("Category", "System")]
public sealed class FormProtectionTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private GuardedStore? _store;

    private GuardedStore Store => _store!;

    public async ValueTask InitializeAsync() => _store = await GuardedStore.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_log_in_form_of_one_silo_is_accepted_by_another()
    {
        var hosts = await Task.WhenAll(StartAsync(), StartAsync(), StartAsync());
        foreach (var (page, receiver) in new[] { (0, 1), (1, 0), (2, 1), (0, 2) })
        {
            using var entered = await LogInForms.EnterAsync(hosts[page], GuardedHost.Reader.Key, receiver: hosts[receiver]);
            Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        }

        Assert.Single(await Store.Store.Access.ProtectionKeys.ReadAsync(TestContext.Current.CancellationToken));
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task With_a_certificate_the_keys_in_the_store_are_encrypted()
    {
        var (certificate, key) = MakeCertificate();
        HttpOptions Configure(HttpOptions options) =>
            options with { ProtectionCertificateFile = certificate, ProtectionKeyFile = key };
        await using var one = await GuardedHost.StartAsync(Configure, Store);
        await using var two = await GuardedHost.StartAsync(Configure, Store);

        using var entered = await LogInForms.EnterAsync(one, GuardedHost.Reader.Key, receiver: two);

        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        var xml = Assert.Single(await Store.Store.Access.ProtectionKeys.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Contains("encryptedSecret", xml, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", xml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_read_is_refused_by_name()
    {
        var missing = _folder.File("missing.pem");
        var refusal = await Assert.ThrowsAsync<UsageException>(() =>
            GuardedHost.StartAsync(options => options with { ProtectionCertificateFile = missing }, Store));

        Assert.StartsWith("GrainSensors:Http:ProtectionCertificateFile: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(missing, refusal.Message, StringComparison.Ordinal);
    }

    private Task<GuardedHost> StartAsync() => GuardedHost.StartAsync(store: Store);

    private (string Certificate, string Key) MakeCertificate()
    {
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=grainsensors", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (file, key) = (_folder.File("protection.pem"), _folder.File("protection.key"));
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(key, rsa.ExportPkcs8PrivateKeyPem());
        return (file, key);
    }
}
