using GrainSensors.Storage.Names;
using Npgsql;
using NpgsqlTypes;

namespace GrainSensors.Storage.Postgres;

/// <summary>The table <c>sensor_names</c> in PostgreSQL.</summary>
internal sealed class PostgresSensorNames(NpgsqlDataSource dataSource, PostgresLife life, string store) : ISensorNameTable
{
    // The life is read in the statement itself, see PostgresLife.
    private const string ByName =
        """
        SELECT store_life(), n.name, n.number
        FROM (SELECT) AS always LEFT JOIN sensor_names AS n ON n.name = ANY ($1)
        """;

    private const string ByNumber =
        """
        SELECT store_life(), n.name, n.number
        FROM (SELECT) AS always LEFT JOIN sensor_names AS n ON n.number = ANY ($1)
        """;

    public Task AddAsync(IReadOnlyList<(string Name, int Number)> offers) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand(
                "INSERT INTO sensor_names (name, number) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING");
            command.Parameters
                .AddArray(NpgsqlDbType.Text, [.. offers.Select(offer => offer.Name)])
                .AddArray(NpgsqlDbType.Integer, [.. offers.Select(offer => offer.Number)]);
            return await command.ExecuteNonQueryAsync();
        },
        CancellationToken.None);

    public Task<long> CountAsync() => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            await using var command = dataSource.CreateCommand("SELECT count(*) FROM sensor_names");
            return (long)(await command.ExecuteScalarAsync())!;
        },
        CancellationToken.None);

    public Task<NumberedNames> FindAsync(IReadOnlyList<string> names) => FindAsync(ByName, NpgsqlDbType.Text, names);

    public Task<NumberedNames> FindAsync(IReadOnlyList<int> numbers) => FindAsync(ByNumber, NpgsqlDbType.Integer, numbers);

    private Task<NumberedNames> FindAsync<T>(string sql, NpgsqlDbType type, IReadOnlyList<T> wanted) => PostgresErrors.GuardAsync(
        store,
        async () =>
        {
            // While the table grows, the planner would read it as a whole for each batch.
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddArray(type, wanted.ToArray());
            await using var batch = dataSource.CreateBatch();
            batch.BatchCommands.Add(IndexLookupPlan.Command());
            batch.BatchCommands.Add(command);
            var all = new List<(string, int)>(wanted.Count);
            var found = Guid.Empty;
            await using var reader = await batch.ExecuteReaderAsync();
            await reader.NextResultAsync();
            while (await reader.ReadAsync())
            {
                found = reader.GetGuid(0);
                if (!await reader.IsDBNullAsync(1))
                {
                    all.Add((reader.GetString(1), reader.GetInt32(2)));
                }
            }

            return new NumberedNames(life.Found(found), all);
        },
        CancellationToken.None);
}
