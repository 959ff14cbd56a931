using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Windows;
using Npgsql;
using static GrainSensors.Tests.Shared.WindowRows;

namespace GrainSensors.Storage.Tests;

/// <summary>A store at a server with a certificate: <c>SSL Mode=VerifyFull</c>.</summary>
[Trait("Category", "System")]
public sealed class PostgresTlsTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task A_server_with_a_certificate_for_its_name_is_used_by_TLS_on_every_connection()
    {
        await using var server = new PostgresServer { Tls = _authority.IssueFiles("localhost") };
        await using var database = NpgsqlDataSource.Create(Verified(await server.CreateDatabaseAsync(), _authority.CaFile));
        await using var store = new PostgresWindowStore(database);

        await store.PrepareAsync(Stop);
        Assert.Equal(WriteOutcome.Written, await store.WriteAsync(Row(), null));
        Assert.Single(await store.QueryAsync());

        var connections = await database.SelectAsync(
            "SELECT s.ssl FROM pg_stat_ssl AS s JOIN pg_stat_activity AS a USING (pid) WHERE a.datname = current_database()");
        Assert.NotEmpty(connections);
        Assert.All(connections, connection => Assert.Equal(true, connection[0]));
    }

    [Fact]
    public async Task A_server_with_a_certificate_for_another_name_is_refused()
    {
        await using var server = new PostgresServer { Tls = _authority.IssueFiles("elsewhere.example") };
        var verified = Verified(await server.CreateDatabaseAsync(), _authority.CaFile);

        await AssertRefusedAsync(verified, "The remote certificate was rejected");

        // Only the name is wrong.
        await using var store = new PostgresWindowStore(
            new NpgsqlConnectionStringBuilder(verified) { SslMode = SslMode.VerifyCA }.ConnectionString);
        await store.PrepareAsync(Stop);
    }

    [Fact]
    public async Task A_server_with_a_certificate_of_another_authority_is_refused()
    {
        using var other = new TestAuthority();
        await using var server = new PostgresServer { Tls = other.IssueFiles("localhost") };

        await AssertRefusedAsync(Verified(await server.CreateDatabaseAsync(), _authority.CaFile), "The remote certificate was rejected");
    }

    [Fact]
    public async Task A_server_without_TLS_is_refused()
    {
        await using var server = new PostgresServer();

        await AssertRefusedAsync(Verified(await server.CreateDatabaseAsync(), _authority.CaFile), "SSL");
    }

    private static async Task AssertRefusedAsync(string connectionString, string says)
    {
        await using var store = new PostgresWindowStore(connectionString);

        var refusal = await Assert.ThrowsAsync<WindowStoreUnavailableException>(() => store.PrepareAsync(Stop));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>The server is on loopback, for which its certificate has the name only.</summary>
    private static string Verified(string connectionString, string caFile) => new NpgsqlConnectionStringBuilder(connectionString)
    {
        Host = "localhost",
        SslMode = SslMode.VerifyFull,
        RootCertificate = caFile,
    }.ConnectionString;
}
