using System.Text;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Text;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.Discovery;

/// <summary>Stores the names of measurements that readings have and nobody declared, and counts the values that are left out.</summary>
/// <remarks>
/// A name is stored before a value of it is dispatched. Whether it is stored depends on the time, because the number of names is limited.
/// That is exact nevertheless: the mark of a row covers whole messages, so a row takes each message once, with the measurements of that
/// time.
/// </remarks>
public sealed partial class MeasurementDiscovery(
    MeasurementCatalog catalog, IMeasurementNames names, ILogger<MeasurementDiscovery> logger) : IDisposable
{
    /// <summary>The log names so many measurements. A broken device may send another name each time.</summary>
    private const int MaxLogged = 100;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly HashSet<string> _logged = [];
    private long _dropped;

    public MeasurementCatalog Catalog => catalog;

    /// <summary>Values that were left out since the start.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Takes over the names that are stored, and stores those that were proposed, as far as the limit allows.</summary>
    /// <exception cref="WindowStoreUnavailableException">Call again.</exception>
    public async Task DecideAsync(CancellationToken cancellationToken = default)
    {
        if (!catalog.Discovery.IsEnabled)
        {
            return;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Names that this silo uses are stored again: a database that was restored may lack them.
            var proposed = catalog.Proposed;
            string[] wanted = [.. catalog.Admitted, .. proposed];
            if (wanted.Length > 0)
            {
                await names.AddAsync(wanted, catalog.Discovery.Max, cancellationToken);
            }

            var stored = await names.ReadAsync(cancellationToken);
            catalog.Decide(proposed, [.. stored.Select(measurement => measurement.Name)]);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <returns>The readings without the values whose measurement was refused.</returns>
    /// <exception cref="WindowStoreUnavailableException">Call again.</exception>
    internal async Task<ReadingBatch> DecideAsync(ReadingBatch readings)
    {
        await DecideAsync();
        return readings.Without(measurement =>
        {
            var isRefused = catalog.IsRefused(measurement);
            if (isRefused)
            {
                Drop(1, catalog.NameOf(measurement));
            }

            return isRefused;
        });
    }

    /// <param name="last">The name of the last one as UTF-8.</param>
    internal void Drop(int values, ReadOnlySpan<byte> last) => Drop(values, Encoding.UTF8.GetString(last));

    private void Drop(int values, string last)
    {
        Interlocked.Add(ref _dropped, values);
        lock (_logged)
        {
            if (_logged.Count < MaxLogged && _logged.Add(last))
            {
                LogDropped(
                    logger, PrintableText.Escape(last), catalog.Discovery.MaxPerReading, catalog.Discovery.Max,
                    _logged.Count == MaxLogged ? "; further measurements are not named" : "");
            }
        }
    }

    public void Dispose() => _turn.Dispose();

    [LoggerMessage(
        1303,
        LogLevel.Warning,
        "Values of measurement \"{Name}\" are left out: a reading has more than {PerReading} values (Discovery:MaxPerReading), or there "
        + "are {All} measurements already (Discovery:Max){Rest}. Exclude what is not needed by Discovery:Exclude, or raise the limit")]
    private static partial void LogDropped(ILogger logger, string name, int perReading, int all, string rest);
}
