using Npgsql;

namespace GrainSensors.Tests.Shared;

/// <summary>A database whose owner is not the role of the silos: <c>deploy/postgres/silo-role.sh</c>.</summary>
/// <param name="Owner">The connection string of the owner, which migrates.</param>
/// <param name="Silo">The connection string of the silos.</param>
internal sealed record SiloRole(string Owner, string Silo)
{
    /// <param name="migrate">Runs as the owner after the role exists, and before if the role comes to a database with tables.</param>
    /// <param name="isLate">The role is made when the tables exist.</param>
    public static async Task<SiloRole> CreateAsync(PostgresServer server, Func<string, Task> migrate, bool isLate = false)
    {
        // Roles belong to the server, which other tests use, too.
        var (owner, silo) = ($"owner_{Guid.NewGuid():N}", $"silo_{Guid.NewGuid():N}");
        await using (var setup = NpgsqlDataSource.Create(await server.CreateDatabaseAsync()))
        {
            await setup.ExecuteAsync($"CREATE ROLE {owner} LOGIN CREATEROLE");
        }

        var address = await server.CreateDatabaseAsync($"OWNER {owner}");
        var roles = new SiloRole(As(address, owner), As(address, silo));
        if (isLate)
        {
            await migrate(roles.Owner);
        }

        var script = RepositoryFiles.Read("deploy/postgres/silo-role.sh").Split("<<'SQL'\n")[1].Split("\nSQL\n")[0];
        script = script.Replace(":'password'", "'x'", StringComparison.Ordinal)
            .Replace("grainsensors_silo", silo, StringComparison.Ordinal);
        await using (var database = NpgsqlDataSource.Create(roles.Owner))
        {
            await database.ExecuteAsync(script);
        }

        if (!isLate)
        {
            await migrate(roles.Owner);
        }

        return roles;
    }

    private static string As(string address, string role) =>
        new NpgsqlConnectionStringBuilder(address) { Username = role }.ConnectionString;
}
