using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Hosting.Stores;

/// <summary>Opens the store that a command was given.</summary>
internal static class StoreFactory
{
    /// <summary>A store is open before there is a host, and after it.</summary>
    public static ILoggerFactory Logging(ILoggerProvider? log) => LoggerFactory.Create(logging => PipelineHost.ConfigureLogging(logging, log));

    /// <param name="log">In place of standard error.</param>
    /// <exception cref="UsageException">The store cannot be reached or prepared.</exception>
    public static async Task<IStore> OpenAsync(
        PipelineSettings settings, CancellationToken cancellationToken, ILoggerProvider? log = null)
    {
        var store = Open(settings, log);
        try
        {
            await store.PrepareAsync(cancellationToken);
            await store.SetPeriodAsync(settings.Ingest.Period, cancellationToken);
            return store;
        }
        catch (WindowStoreUnavailableException e)
        {
            await store.DisposeAsync();
            throw new UsageException(e.Message, e);
        }
    }

    /// <summary>Opens it and leaves it as it is.</summary>
    /// <param name="log">In place of standard error.</param>
    /// <exception cref="UsageException">An option of it is out of range.</exception>
    public static IStore Open(PipelineSettings settings, ILoggerProvider? log = null)
    {
        try
        {
            return settings.Store.Open(new() { Retention = settings.Retention }, loggerFactory: Logging(log));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or WindowStoreUnavailableException)
        {
            throw new UsageException(e.Message, e);
        }
    }
}
