using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>Single statements, each in a transaction of its own.</summary>
/// <param name="store">The name of the store in messages.</param>
internal sealed class PostgresStatements(NpgsqlDataSource dataSource, string store)
{
    /// <returns>The number of rows that have changed.</returns>
    /// <exception cref="WindowStoreUnavailableException">The statement failed.</exception>
    public Task<int> ExecuteAsync(string sql, Action<NpgsqlParameterCollection> fill, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand(sql);
                fill(command.Parameters);
                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);

    /// <exception cref="WindowStoreUnavailableException">The statement failed.</exception>
    public Task<IReadOnlyList<T>> QueryAsync<T>(
        string sql, Action<NpgsqlParameterCollection> fill, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        PostgresErrors.GuardAsync<IReadOnlyList<T>>(
            store,
            async () =>
            {
                await using var command = dataSource.CreateCommand(sql);
                fill(command.Parameters);
                var found = new List<T>();
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(read(reader));
                }

                return found;
            },
            cancellationToken);
}
