using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Stores;
using GrainSensors.Storage.Postgres;
using Npgsql;

namespace GrainSensors.Hosting.Cluster;

/// <summary>
/// The PostgreSQL database that the silos of a cluster share. Windows, membership, grain state and reminders use one pool of
/// connections.
/// </summary>
internal sealed class ClusterDatabase : IAsyncDisposable
{
    private ClusterDatabase(NpgsqlDataSource dataSource, PostgresWindowStore store)
    {
        DataSource = dataSource;
        Store = store;
    }

    public NpgsqlDataSource DataSource { get; }

    public PostgresWindowStore Store { get; }

    /// <summary>Opens the database and leaves it as it is.</summary>
    /// <exception cref="UsageException">The configuration names no PostgreSQL, or an option of the store is out of range.</exception>
    public static ClusterDatabase Open(PipelineSettings settings)
    {
        var dataSource = settings.Store.CreateDataSource() ?? throw new UsageException(
            $"A cluster needs PostgreSQL; got {settings.Store}. Set {PostgresOptions.Section}:ConnectionString.");
        try
        {
            return new(dataSource, new(dataSource, settings.StoreOptions, loggerFactory: StoreFactory.Logging(null)));
        }
        catch (ArgumentException e)
        {
            dataSource.Dispose();
            throw new UsageException(e.Message, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await DataSource.DisposeAsync();
    }
}
