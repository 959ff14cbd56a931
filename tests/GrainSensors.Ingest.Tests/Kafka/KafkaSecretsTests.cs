using Confluent.Kafka;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;
using Orleans.Streaming.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Tests.Kafka;

/// <summary>Logs and exceptions contain no secret.</summary>
[Trait("Category", "System")]
public sealed class KafkaSecretsTests
{
    private const string Secret = "topsecret-0123456789";

    [Fact]
    public void No_line_that_librdkafka_logs_about_a_login_shows_its_password()
    {
        using var broker = new EmbeddedBroker(["sensor-data"], partitions: 1);
        var options = new KafkaOptions
        {
            BootstrapServers = broker.BootstrapServers,
            SecurityProtocol = "sasl_plaintext",
            SaslMechanism = "PLAIN",
            SaslUsername = "silo",
            SaslPassword = Secret,
            Client = { ["debug"] = "all", ["ssl.key.password"] = $"{Secret}-of-the-key" },
        };
        var log = new RecordedLog<KafkaClients>();

        using (var admin = new KafkaClients(options, log).Admin())
        {
            Assert.ThrowsAny<KafkaException>(() => admin.GetMetadata(TimeSpan.FromSeconds(2)));
        }

        Assert.Contains(log.Lines, line => line.Contains("sasl_plaintext", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_librdkafka_quotes_of_a_token_configuration_is_masked_in_logs_and_in_exceptions()
    {
        var options = new KafkaOptions
        {
            BootstrapServers = "127.0.0.1:1",
            SecurityProtocol = "sasl_plaintext",
            SaslMechanism = "OAUTHBEARER",
            Client =
            {
                ["enable.sasl.oauthbearer.unsecure.jwt"] = "true",
                ["sasl.oauthbearer.config"] = $"principal=silo {Secret}=x",
                ["debug"] = "all",
            },
        };
        var log = new RecordedLog<KafkaClients>();
        using (var producer = new KafkaClients(options, log).Producer(TimeSpan.Zero))
        {
            await Until.Async(
                () => log.Lines.Any(line => line.Contains(
                    $"Unrecognized sasl.oauthbearer.config beginning at: {KafkaSecrets.Mask}", StringComparison.Ordinal)),
                () => string.Join('\n', log.Lines),
                TimeSpan.FromSeconds(20));
        }

        var e = await Assert.ThrowsAsync<KafkaUnavailableException>(() => KafkaUnavailableException.GuardAsync(
            options, () => throw new KafkaException(new Error(ErrorCode.Local_Authentication, $"Unrecognized: {Secret}=x"))));

        Assert.DoesNotContain(log.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(Secret, e.ToString(), StringComparison.Ordinal);
        Assert.Contains(KafkaSecrets.Mask, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_property_that_librdkafka_does_not_know_is_named_and_its_neighbours_are_not_shown()
    {
        var options = new KafkaOptions
        {
            BootstrapServers = "127.0.0.1:1",
            Client = { ["sasl.password"] = Secret, ["sasl.pasword"] = Secret },
        };
        var clients = new KafkaClients(options, new RecordedLog<KafkaClients>());

        var e = Assert.Throws<KafkaUnavailableException>(() => KafkaUnavailableException.Guard(options, clients.Admin));

        Assert.Contains("sasl.pasword", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the password is topsecret-0123456789.", "the password is [redacted].")]
    [InlineData("cut off: topsecret-0123456", "cut off: [redacted]")]
    [InlineData("line MIIEvQIBADANBgkq of the key", "line [redacted] of the key")]
    [InlineData("nothing is secret here", "nothing is secret here")]
    public void A_secret_is_masked_whole_in_parts_and_cut_off(string text, string shown)
    {
        var options = new KafkaOptions
        {
            SaslPassword = Secret,
            Client =
            {
                ["ssl.key.pem"] = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----",
                ["client.rack"] = "here",
            },
        };

        Assert.Equal(shown, new KafkaSecrets(options).Redact(text));
    }

    [Theory]
    [InlineData("sasl.password", true)]
    [InlineData("ssl.key.password", true)]
    [InlineData("ssl.keystore.password", true)]
    [InlineData("ssl.key.pem", true)]
    [InlineData("sasl.oauthbearer.config", true)]
    [InlineData("sasl.oauthbearer.client.secret", true)]
    [InlineData("sasl.oauthbearer.assertion.private.key.passphrase", true)]
    [InlineData("sasl.username", false)]
    [InlineData("ssl.ca.pem", false)]
    public void Properties_are_secret_by_their_names(string property, bool isSecret) =>
        Assert.Equal(isSecret, KafkaSecrets.IsSecret(property));

    [Fact]
    public void The_options_as_text_show_no_secret() =>
        Assert.DoesNotContain(Secret, new KafkaOptions { SaslPassword = Secret }.ToString(), StringComparison.Ordinal);
}
