using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Logging;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Hosting.Stores;

/// <summary>Opens the store of the settings.</summary>
internal static class StoreFactory
{
    /// <summary>A store has a log of its own, because it opens before the host and closes after it.</summary>
    /// <param name="log">Replaces standard error; null: standard error.</param>
    public static ILoggerFactory Logging(ILoggerProvider? log) => LoggerFactory.Create(logging => logging.AddCommandLog(log));

    /// <summary>Opens the store and prepares it for writing.</summary>
    /// <param name="log">Replaces standard error; null: standard error.</param>
    /// <exception cref="UsageException">The store cannot be reached or prepared.</exception>
    public static async Task<IStore> OpenAsync(
        PipelineSettings settings, CancellationToken cancellationToken, ILoggerProvider? log = null)
    {
        var store = Open(settings, log);
        try
        {
            await store.PrepareAsync(cancellationToken);
            await store.SetPeriodAsync(settings.Periods.Contract, cancellationToken);
            return store;
        }
        catch (WindowStoreUnavailableException e)
        {
            await store.DisposeAsync();
            throw new UsageException(e.Message, e);
        }
    }

    /// <summary>Opens a store that another command has prepared, and leaves its schema as it is.</summary>
    /// <exception cref="UsageException">The store cannot be reached, or requires a newer program.</exception>
    public static async Task<IStore> OpenExistingAsync(PipelineSettings settings, CancellationToken cancellationToken)
    {
        var store = Open(settings);
        try
        {
            await store.CheckAsync(cancellationToken);
            return store;
        }
        catch (WindowStoreUnavailableException e)
        {
            await store.DisposeAsync();
            throw new UsageException(e.Message, e);
        }
    }

    /// <summary>Opens the store and leaves it as it is.</summary>
    /// <param name="log">Replaces standard error; null: standard error.</param>
    /// <exception cref="UsageException">An option of the store is out of range.</exception>
    public static IStore Open(PipelineSettings settings, ILoggerProvider? log = null)
    {
        try
        {
            return settings.Store.Open(settings.StoreOptions, loggerFactory: Logging(log));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or WindowStoreUnavailableException)
        {
            throw new UsageException(e.Message, e);
        }
    }
}
