namespace Orleans.Hosting;

/// <summary>Configures a Kafka stream provider of a silo or of a client.</summary>
public interface IKafkaStreamConfigurator : IPersistentStreamConfigurator
{
}
