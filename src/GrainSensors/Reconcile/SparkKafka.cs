using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Reconcile;

/// <summary>
/// Translates the Kafka options for Spark, which uses the Java client. Of the further librdkafka properties
/// (<see cref="Orleans.Configuration.KafkaConnectionOptions.Client"/>) only those apply that both clients spell alike.
/// </summary>
internal static class SparkKafka
{
    private static readonly string[] SpelledAlike =
        ["client.rack", "request.timeout.ms", "sasl.kerberos.service.name", "security.protocol"];

    public static Dictionary<string, string> Options(KafkaOptions kafka)
    {
        var options = new Dictionary<string, string> { ["kafka.bootstrap.servers"] = kafka.BootstrapServers };
        Add("kafka.security.protocol", kafka.SecurityProtocol?.ToUpperInvariant());
        Add("kafka.sasl.mechanism", kafka.SaslMechanism?.ToUpperInvariant());
        if (kafka.SaslUsername is { } user && kafka.SaslPassword is { } password)
        {
            var module = kafka.SaslMechanism?.StartsWith("SCRAM", StringComparison.OrdinalIgnoreCase) == true
                ? "org.apache.kafka.common.security.scram.ScramLoginModule"
                : "org.apache.kafka.common.security.plain.PlainLoginModule";
            Add("kafka.sasl.jaas.config", $"{module} required username=\"{Escape(user)}\" password=\"{Escape(password)}\";");
        }

        if (kafka.CaLocation is { } authorities)
        {
            // The Java client reads PEM since Kafka 2.7, so Spark does since 3.2.
            Add("kafka.ssl.truststore.type", "PEM");
            Add("kafka.ssl.truststore.location", authorities);
        }

        foreach (var (name, value) in kafka.Client.Where(property => SpelledAlike.Contains(property.Key)))
        {
            options[$"kafka.{name}"] = name == "security.protocol" ? value.ToUpperInvariant() : value;
        }

        return options;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                options[name] = value;
            }
        }
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
