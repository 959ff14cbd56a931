using GrainSensors.Storage;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Silo.Hosting;

/// <summary>Opens the store that a command was given.</summary>
internal static class Stores
{
    /// <summary>A store is open before there is a host, and after it.</summary>
    private static readonly Lazy<ILoggerFactory> Logging = new(() => LoggerFactory.Create(PipelineHost.ConfigureLogging));

    /// <exception cref="UsageException">The text names no store, or the store cannot be reached or prepared.</exception>
    public static async Task<IWindowDatabase> OpenAsync(PipelineSettings settings, CancellationToken cancellationToken)
    {
        var store = Open(settings);
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
    /// <exception cref="UsageException">The text names no store.</exception>
    public static IWindowDatabase Open(PipelineSettings settings)
    {
        try
        {
            return WindowStoreAddress.Parse(settings.Store).Open(new() { Retention = settings.Retention }, loggerFactory: Logging.Value);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or WindowStoreUnavailableException)
        {
            throw new UsageException(e.Message, e);
        }
    }
}
