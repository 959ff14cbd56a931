namespace GrainSensors.Mqtt.Status;

/// <summary>A broker, as a silo sees it. Counts are since the start of the silo.</summary>
/// <param name="Address">Host and port.</param>
/// <param name="Sessions">Sessions that the silo owns.</param>
/// <param name="Connected">Connections that are subscribed.</param>
/// <param name="Received">Messages of the broker; one that is sent again counts again.</param>
/// <param name="Acknowledged">Messages that Kafka has, or that became dead letters.</param>
/// <param name="Waiting">Messages that wait for Kafka.</param>
/// <param name="Refused">Messages that became dead letters, since Kafka refuses their size.</param>
/// <param name="Dropped">Messages with quality of service 0 that were left out while Kafka was slow.</param>
/// <param name="Trouble">Why a connection failed; null: all are fine.</param>
public sealed record MqttBrokerStatus(
    string Name,
    string Address,
    int Sessions,
    int Connected,
    long Received,
    long Acknowledged,
    long Waiting,
    long Refused,
    long Dropped,
    string? Trouble);
