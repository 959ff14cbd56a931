using Orleans.Providers.Streams.Common;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// Commands of a Kafka stream provider, for <c>IManagementGrain.SendControlCommandToProvider&lt;PersistentStreamProvider&gt;</c>.
/// </summary>
public enum KafkaStreamCommand
{
    /// <summary>No command.</summary>
    None = 0,

    /// <summary>
    /// Starts the partitions that a failed message has stopped, at that message. Each silo answers with their number.
    /// </summary>
    ResumePartitions = PersistentStreamProviderCommand.AdapterFactoryCommandStartRange,

    /// <summary>Looks for new partitions now. Each silo answers with the number of partitions that it reads.</summary>
    FindPartitions,
}
