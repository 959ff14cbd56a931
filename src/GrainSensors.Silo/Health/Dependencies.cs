using GrainSensors.Ingest.Kafka;
using Npgsql;

namespace GrainSensors.Silo.Health;

/// <summary>The servers that a silo of a cluster needs.</summary>
internal sealed class Dependencies(NpgsqlDataSource dataSource, KafkaProbe kafka)
{
    private const int TimeoutSeconds = 3;

    public Dependency Postgres { get; } = new("postgres", async cancellationToken =>
    {
        await using var command = dataSource.CreateCommand("SELECT 1");
        command.CommandTimeout = TimeoutSeconds;
        await command.ExecuteNonQueryAsync(cancellationToken);
    });

    public Dependency Kafka { get; } = new("kafka", _ => kafka.CheckAsync());

    public IReadOnlyList<Dependency> All => [Postgres, Kafka];
}
