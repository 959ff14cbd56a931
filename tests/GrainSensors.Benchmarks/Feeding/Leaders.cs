using Confluent.Kafka;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Benchmarks.Feeding;

/// <summary>A connection to each broker that leads partitions of the topic.</summary>
internal sealed class Leaders : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, ProduceConnection> _connections = [];
    private readonly int[] _leaders;

    public Leaders(string bootstrapServers, string topic)
    {
        KafkaNativeLibrary.Load();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        var metadata = admin.GetMetadata(topic, Timeout);
        _leaders = [.. metadata.Topics[0].Partitions.OrderBy(partition => partition.PartitionId).Select(partition => partition.Leader)];
        foreach (var broker in metadata.Brokers.Where(broker => _leaders.Contains(broker.BrokerId)))
        {
            _connections.Add(broker.BrokerId, new(broker.Host, broker.Port, topic));
        }
    }

    public int Partitions => _leaders.Length;

    /// <summary>Sends the batches, one of a partition at most, and waits until the brokers have them.</summary>
    public void Send(IEnumerable<Batch> batches)
    {
        foreach (var group in batches.GroupBy(batch => _leaders[batch.Partition]))
        {
            _connections[group.Key].Send([.. group]);
        }
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Values)
        {
            connection.Dispose();
        }
    }
}
