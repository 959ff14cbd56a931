using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace GrainSensors.Ingest.Tests.Kafka;

/// <summary>Options that are refused before a client is created, and the messages.</summary>
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
        { new() { SecurityProtocol = "tls" }, "SecurityProtocol must be plaintext, ssl, sasl_plaintext or sasl_ssl; got \"tls\"." },
        {
            new() { SaslMechanism = "MD5" },
            "SaslMechanism must be PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI; got \"MD5\"."
        },
        {
            new() { SecurityProtocol = "sasl_ssl" },
            "SaslMechanism is required if SecurityProtocol is sasl_ssl; use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI."
        },
        {
            new() { SecurityProtocol = "sasl_ssl", SaslMechanism = "PLAIN", SaslPassword = "topsecret" },
            "SaslUsername is required if SaslMechanism is PLAIN."
        },
        {
            new() { SecurityProtocol = "sasl_ssl", SaslMechanism = "PLAIN", SaslUsername = "silo" },
            "SaslPassword is required if SaslMechanism is PLAIN."
        },
        {
            new() { SaslUsername = "silo", SaslPassword = "topsecret" },
            "SecurityProtocol must be sasl_ssl or sasl_plaintext if SaslUsername is set; got \"plaintext\"."
        },
        {
            new() { SecurityProtocol = "ssl", CaLocation = "/no/ca.pem" },
            "CaLocation must be a readable PEM file or directory with CA certificates; got \"/no/ca.pem\" (file not found)."
        },
        { new() { Topic = "a b" }, "Topic must be 1 to 249 letters, digits, dots, underscores and hyphens; got \"a b\"." },
        { new() { DeadLetterTopic = "sensor-data" }, "DeadLetterTopic must be another topic than Topic; got \"sensor-data\"." },
        { new() { GroupId = "" }, "GroupId is empty; give the name of a consumer group." },
        { new() { SessionTimeout = TimeSpan.Zero }, "SessionTimeout must be a duration from 1 s to 1 h; got \"00:00:00\"." },
        { new() { Partitions = 0 }, "Partitions must be at least 1; got \"0\"." },
        { new() { ReplicationFactor = 0 }, "ReplicationFactor must be at least 1, or -1 for the broker's default; got \"0\"." },
        {
            new() { TopicRetention = TimeSpan.Zero },
            "TopicRetention must be a duration above 0, or -00:00:00.001 for unlimited retention; got \"00:00:00\"."
        },
    };

    [Fact]
    public void The_security_of_a_Kafka_that_is_not_used_is_not_checked() =>
        KafkaOptionsValidator.Validate(new() { SecurityProtocol = "sasl_ssl", CaLocation = "/no/ca.pem" });

    [Fact]
    public void All_failures_are_reported_at_once()
    {
        var e = Assert.Throws<ArgumentException>(() => KafkaOptionsValidator.Validate(
            new() { BootstrapServers = "kafka:9092", CaLocation = "/no/ca.pem", Partitions = 0 }));

        Assert.Contains("GrainSensors:Kafka:Partitions must be", e.Message, StringComparison.Ordinal);
        Assert.Contains(
            "GrainSensors:Kafka:SecurityProtocol must be ssl or sasl_ssl if CaLocation is set; got \"plaintext\".",
            e.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_refused_option_is_named_with_the_remedy(KafkaOptions options, string sentence)
    {
        var e = Assert.Throws<ArgumentException>(
            () => KafkaOptionsValidator.Validate(options.With(copy => copy.BootstrapServers = "kafka:9092")));

        Assert.Equal($"GrainSensors:Kafka:{sentence}", e.Message);
        Assert.DoesNotContain("topsecret", e.ToString(), StringComparison.Ordinal);
    }
}
