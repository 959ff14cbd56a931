using GrainSensors.Storage.Contacts;
using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>The tables of contact points, routes, groups and notifications in PostgreSQL.</summary>
internal static class PostgresContacts
{
    public static ContactStores Of(NpgsqlDataSource dataSource, string store, TimeProvider clock) => new(
        new PostgresContactPoints(dataSource, store), new PostgresRoutes(dataSource, store),
        new PostgresAlertGroups(dataSource, store, clock), new PostgresNotifications(dataSource, store, clock));
}
