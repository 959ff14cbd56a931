using GrainSensors.Core.Time;
using GrainSensors.Storage.Names;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>The table <c>sensor_names</c> in SQLite.</summary>
/// <param name="readLife">Sets the life of the store, too.</param>
internal sealed class SqliteSensorNames(SqliteAccess access, TimeProvider clock, Func<Task<Guid>> readLife) : ISensorNameTable
{
    public Task AddAsync(IReadOnlyList<(string Name, int Number)> offers) => access.WriteAsync(
        session =>
        {
            using var transaction = session.Connection.BeginTransaction(deferred: false);
            foreach (var (name, number) in offers)
            {
                using var command = session.Connection.CreateCommand();
                command.CommandText =
                    "INSERT INTO sensor_names (number, name, created_at) VALUES ($number, $name, $now) ON CONFLICT DO NOTHING";
                command.Parameters.AddWithValue("$number", number);
                command.Parameters.AddWithValue("$name", name);
                command.Parameters.AddWithValue("$now", EpochTime.Now(clock));
                command.ExecuteNonQuery();
            }

            transaction.Commit();
            return true;
        },
        CancellationToken.None);

    public Task<long> CountAsync() => access.ReadAsync(
        session =>
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM sensor_names";
            return (long)command.ExecuteScalar()!;
        },
        CancellationToken.None);

    public Task<NumberedNames> FindAsync(IReadOnlyList<string> names) => FindAsync("name", names);

    public Task<NumberedNames> FindAsync(IReadOnlyList<int> numbers) => FindAsync("number", numbers);

    private async Task<NumberedNames> FindAsync<T>(string column, IReadOnlyList<T> wanted)
    {
        var life = await readLife();
        return new(life, await access.ReadAsync(session => Find(session.Connection, column, wanted), CancellationToken.None));
    }

    private static List<(string, int)> Find<T>(SqliteConnection connection, string column, IReadOnlyList<T> wanted)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name, number FROM sensor_names WHERE {column} = $wanted";
        var parameter = command.Parameters.AddWithValue("$wanted", wanted[0]);
        command.Prepare();
        var found = new List<(string, int)>();
        foreach (var value in wanted)
        {
            parameter.Value = value;
            using var reader = command.ExecuteReader();
            if (reader.Read())
            {
                found.Add((reader.GetString(0), reader.GetInt32(1)));
            }
        }

        return found;
    }
}
