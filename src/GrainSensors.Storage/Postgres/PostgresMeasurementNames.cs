using GrainSensors.Core.Time;
using GrainSensors.Storage.Names;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>measurement_names</c> in PostgreSQL.</summary>
internal sealed class PostgresMeasurementNames(NpgsqlDataSource dataSource, string store) : IMeasurementNames
{
    private const string Add =
        """
        INSERT INTO measurement_names (name)
        SELECT n.name
        FROM unnest($1) WITH ORDINALITY AS n (name, place)
        WHERE NOT EXISTS (SELECT FROM measurement_names AS m WHERE m.name = n.name)
        ORDER BY n.place
        LIMIT greatest(0, $2 - (SELECT count(*) FROM measurement_names))
        """;

    /// <summary>The advisory lock of writers, a random number.</summary>
    private const long Lock = 0x6D65_6173_7572_6573;

    public Task AddAsync(IReadOnlyCollection<string> names, int most, CancellationToken cancellationToken) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var waiting = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction);
            waiting.Parameters.Add(new() { Value = Lock });
            await waiting.ExecuteNonQueryAsync(cancellationToken);

            // The statement begins after the lock, so that it sees what the writer before has committed.
            await using var command = new NpgsqlCommand(Add, connection, transaction);
            command.Parameters.AddArray(NpgsqlDbType.Text, names.ToArray()).Add(new() { Value = most });
            var added = await command.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return added;
        },
        cancellationToken);

    public Task<IReadOnlyList<StoredMeasurement>> ReadAsync(
        CancellationToken cancellationToken) => PostgresErrors.GuardAsync<IReadOnlyList<StoredMeasurement>>(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand("SELECT name, created_at FROM measurement_names ORDER BY created_at, name");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var names = new List<StoredMeasurement>();
            while (await reader.ReadAsync(cancellationToken))
            {
                names.Add(new(reader.GetString(0), EpochTime.From(reader.GetDateTime(1))));
            }

            return names;
        },
        cancellationToken);
}
