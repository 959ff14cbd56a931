using Confluent.Kafka;
using Orleans.Configuration;

namespace Orleans.Streaming.Kafka.Tests.Configuration;

public sealed class KafkaConnectionOptionsTests
{
    [Fact]
    public void The_options_become_client_properties_and_further_properties_override_them()
    {
        var options = new KafkaConnectionOptions
        {
            BootstrapServers = "broker:9092",
            SecurityProtocol = "SASL_SSL",
            SaslMechanism = "scram-sha-512",
            SaslUsername = "silo",
            SaslPassword = "secret",
            Client = { ["sasl.username"] = "other", ["client.rack"] = "a" },
        };
        var config = new ConsumerConfig();

        options.Apply(config);

        Assert.Equal("broker:9092", config.BootstrapServers);
        Assert.Equal(SecurityProtocol.SaslSsl, config.SecurityProtocol);
        Assert.Equal(SaslMechanism.ScramSha512, config.SaslMechanism);
        Assert.Equal(("other", "secret", "a"), (config.SaslUsername, config.SaslPassword, config.ClientRack));
    }

    [Fact]
    public void A_client_has_the_connection_of_its_factory_and_the_final_changes()
    {
        var factory = new KafkaClientFactory(
            new() { BootstrapServers = "broker:9092" }, "orders", (_, _) => { }, _ => { }, TimeProvider.System,
            config => config.SocketTimeoutMs = 3_000);

        var config = factory.Configure(new ProducerConfig());

        Assert.Equal(("broker:9092", "orders", 3_000), (config.BootstrapServers, config.ClientId, config.SocketTimeoutMs));
    }
}
