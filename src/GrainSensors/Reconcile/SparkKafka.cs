using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Reconcile;

/// <summary>
/// The way to Kafka as Spark's source takes it, which has a client of its own. Further properties of librdkafka
/// (<see cref="KafkaOptions.Client"/>) mean nothing to it, but for those that both clients spell alike.
/// </summary>
internal static class SparkKafka
{
    private static readonly string[] SpelledAlike = ["client.rack", "request.timeout.ms", "sasl.kerberos.service.name", "security.protocol"];

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
            // Kafka's client reads PEM since 2.7, and so does Spark since 3.2.
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

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
