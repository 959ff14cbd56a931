using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Tests.Kafka;

/// <summary>What is refused before a client is made, and in which words.</summary>
public sealed class KafkaOptionsValidatorTests
{
    [Fact]
    public void The_defaults_are_accepted() => KafkaOptionsValidator.Validate(new());

    [Fact]
    public void A_broker_that_wants_a_name_a_password_and_a_certificate_is_accepted()
    {
        var ca = Path.GetTempFileName();
        KafkaOptionsValidator.Validate(new()
        {
            SecurityProtocol = "SASL_SSL",
            SaslMechanism = "scram-sha-512",
            SaslUsername = "silo",
            SaslPassword = "topsecret",
            CaLocation = ca,
        });
        File.Delete(ca);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3600)]
    public void A_member_can_be_made_with_every_session_that_is_accepted(int seconds)
    {
        var options = new KafkaOptions { BootstrapServers = "127.0.0.1:1", SessionTimeout = TimeSpan.FromSeconds(seconds) };
        KafkaOptionsValidator.Validate(options);

        new KafkaClients(options, NullLogger<KafkaClients>.Instance).GroupConsumer(_ => { }).Dispose();
    }

    [Fact]
    public void What_the_client_properties_say_wins_here_too()
    {
        KafkaOptionsValidator.Validate(new()
        {
            SaslUsername = "silo",
            SaslPassword = "topsecret",
            Client = { ["security.protocol"] = "sasl_ssl", ["sasl.mechanisms"] = "PLAIN" },
        });
        KafkaOptionsValidator.Validate(new()
        {
            SecurityProtocol = "sasl_ssl",
            SaslMechanism = "PLAIN",
            Client = { ["sasl.username"] = "silo", ["sasl.password"] = "topsecret" },
        });
    }

    [Fact]
    public void Mechanisms_without_passwords_need_none() => KafkaOptionsValidator.Validate(new()
    {
        SecurityProtocol = "sasl_ssl",
        SaslMechanism = "OAUTHBEARER",
        Client = { ["sasl.oauthbearer.method"] = "oidc" },
    });

    public static TheoryData<KafkaOptions, string> Refused => new()
    {
        { new() { SecurityProtocol = "tls" }, "SecurityProtocol is tls; use plaintext, ssl, sasl_plaintext or sasl_ssl." },
        { new() { SaslMechanism = "MD5" }, "SaslMechanism is MD5; use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI." },
        { new() { SecurityProtocol = "sasl_ssl" }, "SecurityProtocol is sasl_ssl; give a SaslMechanism too: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI." },
        { new() { SecurityProtocol = "sasl_ssl", SaslMechanism = "PLAIN", SaslPassword = "topsecret" }, "SaslMechanism is PLAIN; give a SaslUsername too." },
        { new() { SecurityProtocol = "sasl_ssl", SaslMechanism = "PLAIN", SaslUsername = "silo" }, "SaslMechanism is PLAIN; give a SaslPassword too." },
        { new() { SaslUsername = "silo", SaslPassword = "topsecret" }, "SecurityProtocol is plaintext; use sasl_ssl or sasl_plaintext, or give no SaslUsername." },
        { new() { CaLocation = "/ca.pem" }, "SecurityProtocol is plaintext; use ssl or sasl_ssl, or give no CaLocation." },
        { new() { SecurityProtocol = "ssl", CaLocation = "/no/ca.pem" }, "CaLocation is \"/no/ca.pem\", which cannot be read (there is no such file); give the path of a PEM file with the certificates of your authority." },
        { new() { Topic = "a b" }, "Topic is \"a b\"; give a name of at most 249 letters, digits, dots, underscores and hyphens." },
        { new() { DeadLetterTopic = "sensor-data" }, "DeadLetterTopic is \"sensor-data\"; give another topic than that of Topic." },
        { new() { GroupId = "" }, "GroupId is empty; give the name of a consumer group." },
        { new() { SessionTimeout = TimeSpan.Zero }, "SessionTimeout is 00:00:00; give a time from 1 second to 1 hour." },
        { new() { Partitions = 0 }, "Partitions is 0; give a number of at least 1." },
        { new() { ReplicationFactor = 0 }, "ReplicationFactor is 0; give a number of at least 1, or -1 for the broker's default." },
        { new() { TopicRetention = TimeSpan.Zero }, "TopicRetention is 00:00:00; give a time above 0, or -00:00:00.001 to keep everything." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_refused_is_named_with_the_cure(KafkaOptions options, string sentence)
    {
        var e = Assert.Throws<ArgumentException>(() => KafkaOptionsValidator.Validate(options));

        Assert.Equal($"GrainSensors:Kafka:{sentence}", e.Message);
        Assert.DoesNotContain("topsecret", e.ToString(), StringComparison.Ordinal);
    }
}
