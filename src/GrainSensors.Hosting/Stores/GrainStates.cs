using GrainSensors.Grains.Alerts;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;

namespace GrainSensors.Hosting.Stores;

/// <summary>Chooses the storage of grain state and reminders.</summary>
internal static class GrainStates
{
    private const string Invariant = "Npgsql";

    /// <summary>Keeps grain state in the store of the windows. Reminders are in memory, for a silo without a cluster.</summary>
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
                throw new ArgumentException($"Grain storage needs SQLite or PostgreSQL; got {store.Description}.", nameof(store));
        }
    }

    /// <summary>Keeps grain state in memory, for a process whose state ends with it.</summary>
    public static void UseTransientGrainStates(this ISiloBuilder silo, IStore store)
    {
        silo.UseInMemoryReminderService();
        silo.AddMemoryGrainStorage(MonitorGrain.Storage);
        silo.Services.AddSingleton<IMonitorStates>(new MonitorStatesInMemory(store.ReadLifeAsync));
    }

    /// <summary>Keeps grain state in PostgreSQL, in the format of Orleans' serializer. JSON, the default, is many times as long.</summary>
    public static void AddCompactAdoNetGrainStorage(this ISiloBuilder silo, NpgsqlDataSource dataSource)
    {
        silo.AddAdoNetGrainStorage(MonitorGrain.Storage, options => (options.Invariant, options.DataSource) = (Invariant, dataSource));
        silo.Services.AddOptions<AdoNetGrainStorageOptions>(MonitorGrain.Storage).Configure<Serializer>(
            (options, serializer) => options.GrainStorageSerializer = new ExactGrainStorageSerializer(serializer));
    }
}
