using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Hosting.Health;

/// <summary>The servers that a silo needs.</summary>
/// <param name="dataSource">The database of the store; null: the store is a file.</param>
internal sealed class Dependencies(IWindowStore store, KafkaProbe kafka, NpgsqlDataSource? dataSource = null)
{
    private const int TimeoutSeconds = 3;

    public Dependency Store { get; } = dataSource is null
        ? new("sqlite", cancellationToken => store.ReadCheckpointAsync(new SourceId(Guid.Empty, 0), cancellationToken))
        : new("postgres", async cancellationToken =>
        {
            await using var command = dataSource.CreateCommand("SELECT 1");
            command.CommandTimeout = TimeoutSeconds;
            await command.ExecuteNonQueryAsync(cancellationToken);
        });

    public Dependency Kafka { get; } = new("kafka", _ => kafka.CheckAsync());

    public IReadOnlyList<Dependency> All => [Store, Kafka];
}
