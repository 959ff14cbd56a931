using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Silos that authenticate each other by certificates.</summary>
[Trait("Category", "System")]
public sealed class ClusterTlsTests : IDisposable
{
    private const string Section = "GrainSensors__Silo__Tls__";
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Silos_and_clients_with_certificates_form_a_cluster_and_others_say_what_they_lack()
    {
        var (certificate, key) = _authority.IssueFiles("silo");
        var tls = new Dictionary<string, string>
        {
            ["Silo__Tls__CertificateFile"] = certificate,
            ["Silo__Tls__KeyFile"] = key,
            ["Silo__Tls__CaFile"] = _authority.CaFile,
        };
        await using var cluster = await FaultCluster.StartAsync(2, FaultCluster.Quick.Concat(tls).ToDictionary());

        var stranger = cluster.Begin(without: Section);
        var status = new Executable.Result(0, "", "");
        await Until.Async(
            async () =>
            {
                status = await StatusAsync(cluster, tls);
                return status.Output.StartsWith('{') && Silos(status) == 2;
            },
            () => $"{status}\n{cluster}",
            TimeSpan.FromSeconds(60));

        var client = await StatusAsync(cluster, new Dictionary<string, string>());
        client.AssertCouldNotRun("requires TLS; set GrainSensors:Silo:Tls:CertificateFile and GrainSensors:Silo:Tls:CaFile.");

        var end = await stranger.Process.ExitAsync();
        Assert.True(end.ExitCode == 2, end.ToString());
        var last = end.Error.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("This silo could not join the cluster in postgres:", last, StringComparison.Ordinal);
        Assert.EndsWith(
            "requires TLS; set GrainSensors:Silo:Tls:CertificateFile and GrainSensors:Silo:Tls:CaFile.", last, StringComparison.Ordinal);
        await cluster.RemoveAsync(stranger);
        Assert.Equal(2, Silos(await StatusAsync(cluster, tls)));
    }

    [Fact]
    public async Task A_silo_with_a_certificate_does_not_join_silos_without_one_and_leaves_no_warning_at_them()
    {
        await using var cluster = await FaultCluster.StartAsync(1, FaultCluster.Quick);
        await cluster.BeginAsync(1);
        var (certificate, key) = _authority.IssueFiles("silo");

        var stranger = cluster.Begin(with: new Dictionary<string, string>
        {
            [$"{Section}CertificateFile"] = certificate,
            [$"{Section}KeyFile"] = key,
            [$"{Section}CaFile"] = _authority.CaFile,
        });
        var end = await stranger.Process.ExitAsync();

        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.Contains(
            "does not use TLS; set GrainSensors:Silo:Tls at every silo and client, or at none.", end.Error, StringComparison.Ordinal);
        await cluster.RemoveAsync(stranger);
        Assert.DoesNotContain(
            cluster.Silos.SelectMany(silo => silo.Process.Errors),
            line => line.Contains("Connection", StringComparison.OrdinalIgnoreCase) || line.Contains("fail:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_silo_shows_a_renewed_certificate_to_new_connections_without_a_restart()
    {
        const string Password = "a secret";
        var tls = new Dictionary<string, string>
        {
            ["Silo__Tls__CertificateFile"] = _authority.IssuePfx("silo", Password),
            ["Silo__Tls__CertificatePassword"] = Password,
            ["Silo__Tls__CaFile"] = _authority.CaFile,
        };
        await using var cluster = await FaultCluster.StartAsync(1, FaultCluster.Quick.Concat(tls).ToDictionary());
        Assert.Equal(1, Silos(await StatusAsync(cluster, tls)));

        _authority.IssuePfx("silo", Password);

        await Until.Async(
            () => cluster.Silos[0].Process.Errors.Any(line => line.Contains("use the certificate CN=silo", StringComparison.Ordinal)),
            cluster.ToString,
            TimeSpan.FromSeconds(60));
        Assert.Equal(1, Silos(await StatusAsync(cluster, tls)));
    }

    private static int Silos(Executable.Result status)
    {
        Assert.True(status.Output.StartsWith('{'), status.ToString());
        using var json = JsonDocument.Parse(status.Output);
        return json.RootElement.GetProperty("silos").GetArrayLength();
    }

    private static async Task<Executable.Result> StatusAsync(FaultCluster cluster, IReadOnlyDictionary<string, string> tls)
    {
        var environment = tls.ToDictionary(setting => $"GrainSensors__{setting.Key}", setting => setting.Value);
        await using var status = Executable.StartWith(environment, "status", "--json", "--postgres", cluster.ConnectionString);
        return await status.ExitAsync();
    }
}
