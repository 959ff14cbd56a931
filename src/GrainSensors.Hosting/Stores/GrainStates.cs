using GrainSensors.Grains.Alerts;
using GrainSensors.Storage;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;

namespace GrainSensors.Hosting.Stores;

/// <summary>What the grains of a silo keep: in the window database, where there is nobody else.</summary>
internal static class GrainStates
{
    private const string Invariant = "Npgsql";

    /// <summary>In the file or database that the windows are in.</summary>
    public static void UseGrainStates(this ISiloBuilder silo, IStore store)
    {
        silo.UseInMemoryReminderService();
        switch (store)
        {
            case SqliteWindowStore sqlite:
                silo.Services.AddGrainStorage(MonitorGrain.Storage, (services, _) =>
                    new SqliteGrainStorage(sqlite.GrainStates, services.GetRequiredService<Serializer>()));
                break;
            case PostgresWindowStore postgres:
                silo.AddCompactAdoNetGrainStorage(postgres.DataSource);
                break;
            default:
                throw new ArgumentException($"There is no grain storage for {store.Description}.", nameof(store));
        }
    }

    /// <summary>In memory: nobody asks for it after this process.</summary>
    public static void UseTransientGrainStates(this ISiloBuilder silo)
    {
        silo.UseInMemoryReminderService();
        silo.AddMemoryGrainStorage(MonitorGrain.Storage);
    }

    /// <summary>In PostgreSQL, in the bytes of Orleans' own serializer rather than in JSON, which is many times as long.</summary>
    public static void AddCompactAdoNetGrainStorage(this ISiloBuilder silo, NpgsqlDataSource dataSource)
    {
        silo.AddAdoNetGrainStorage(MonitorGrain.Storage, options => (options.Invariant, options.DataSource) = (Invariant, dataSource));
        silo.Services.AddOptions<AdoNetGrainStorageOptions>(MonitorGrain.Storage)
            .Configure<Serializer>((options, serializer) => options.GrainStorageSerializer = new ExactGrainStorageSerializer(serializer));
    }
}
