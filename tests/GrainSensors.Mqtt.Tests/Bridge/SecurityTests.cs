using GrainSensors.Mqtt.Tests.Fixtures;

namespace GrainSensors.Mqtt.Tests.Bridge;

/// <summary>TLS, certificates, users, and what a silo says about wrong ones.</summary>
[Trait("Category", "System")]
public sealed class SecurityTests : BridgeTest
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task A_client_certificate_authenticates_a_silo_and_without_one_the_silo_names_the_cure()
    {
        using var authority = new TestAuthority();
        var (certificate, key) = authority.IssueFiles("localhost");
        var (own, ownKey) = authority.IssueFiles("silo");
        await using var mosquitto = await Mosquitto.StartAsync(
            $"""
            cafile {authority.CaFile}
            certfile {certificate}
            keyfile {key}
            require_certificate true
            use_identity_as_username true
            """);
        var options = Broker(mosquitto) with
        {
            Host = "localhost",
            Tls = true,
            CaFile = authority.CaFile,
            CertificateFile = own,
            KeyFile = ownKey,
        };
        await using var silo = await StartAsync(options);
        await silo.UntilConnectedAsync(4);
        await using var stranger = await StartAsync(options with { Name = "stranger", CertificateFile = null, KeyFile = null });
        await UntilLoggedAsync(stranger, "CertificateFile");
        using var other = new TestAuthority();
        await using var wary = await StartAsync(options with { Name = "wary", CaFile = other.CaFile });
        await UntilLoggedAsync(wary, "TLS with the MQTT broker wary (localhost:");
    }

    [Fact]
    public async Task A_wrong_password_is_named_with_its_user_and_without_itself()
    {
        var passwords = _directory.File("passwords");
        await Mosquitto.WritePasswordAsync(passwords, "ana", "right-secret");
        await using var mosquitto = await Mosquitto.StartAsync($"allow_anonymous false\npassword_file {passwords}");
        await using var right = await StartAsync(Broker(mosquitto) with { User = "ana", Password = "right-secret" });
        await right.UntilConnectedAsync(4);
        await using var wrong = await StartAsync(Broker(mosquitto) with { Name = "wrong", User = "ana", Password = "wrong-secret" });
        await UntilLoggedAsync(
            wrong,
            $"The MQTT broker wrong (127.0.0.1:{mosquitto.Port}) refused the connection of the user \"ana\": NotAuthorized; "
            + "check User, Password and CertificateFile. The silo tries again.");
        Assert.DoesNotContain(wrong.Log.Lines, line => line.Contains("secret", StringComparison.Ordinal));
        Assert.Equal(0, wrong.Status.Connected);
    }

    [Fact]
    public async Task A_broker_that_is_away_is_named_once_and_found_when_it_starts()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await mosquitto.StopAsync();
        await using var silo = await StartAsync(Broker(mosquitto) with { Sessions = 1 });
        await UntilLoggedAsync(silo, "check Host and Port, and that the broker runs");
        await mosquitto.StartAsync();
        await silo.UntilConnectedAsync();
        Assert.Single(silo.Log.Lines, line => line.Contains("cannot be reached", StringComparison.Ordinal));
        Assert.Null(silo.Status.Trouble);
    }

    private static Task UntilLoggedAsync(BridgingSilo silo, string text) => Until.Async(
        () => silo.Log.Lines.Any(line => line.Contains(text, StringComparison.Ordinal)), silo.ToString, Patience);
}
