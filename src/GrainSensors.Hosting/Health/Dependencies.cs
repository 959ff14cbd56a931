using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.Hosting.Health;

/// <summary>The servers that a silo needs.</summary>
internal sealed class Dependencies(IStore store, KafkaProbe kafka)
{
    public Dependency Store { get; } = new(NameOf(store), store.ProbeAsync);

    public Dependency Kafka { get; } = new("kafka", _ => kafka.CheckAsync());

    public IReadOnlyList<Dependency> All => [Store, Kafka];

    /// <returns>The name of the store in health reports.</returns>
    public static string NameOf(IStore store) => store is SqliteWindowStore ? "sqlite" : "postgres";
}
