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
    private readonly HashSet<byte[]> _logged = new(Utf8Comparer.Instance);
    private volatile bool _hasLoggedAll;
    private long _dropped;

    public MeasurementCatalog Catalog => catalog;

    /// <summary>Values that were left out since the start.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Takes over the stored names. Those that this silo uses are stored again: a restored database may lack them.</summary>
    /// <exception cref="WindowStoreUnavailableException">Call again.</exception>
    public Task DecideAsync(CancellationToken cancellationToken = default) => DecideAsync([], cancellationToken);

    /// <summary>Stores the names of the measurements of readings, as far as the limit allows.</summary>
    /// <returns>The readings without the values whose measurement was refused.</returns>
    /// <exception cref="WindowStoreUnavailableException">Call again.</exception>
    internal async Task<ReadingBatch> DecideAsync(ReadingBatch readings)
    {
        var proposed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (measurement, _) in readings.Values)
        {
            if (!catalog.IsTaken(measurement))
            {
                proposed.Add(catalog.NameOf(measurement));
            }
        }

        if (proposed.Count == 0)
        {
            readings.AwaitsNames = false;
            return readings;
        }

        await DecideAsync(proposed, CancellationToken.None);
        return readings.Without(measurement =>
        {
            var isRefused = !catalog.IsTaken(measurement);
            if (isRefused)
            {
                Drop(1, Encoding.UTF8.GetBytes(catalog.NameOf(measurement)));
            }

            return isRefused;
        });
    }

    private async Task DecideAsync(HashSet<string> proposed, CancellationToken cancellationToken)
    {
        if (!catalog.Discovery.IsEnabled)
        {
            return;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            var stored = await ReadAsync(cancellationToken);
            string[] missing = [.. catalog.Admitted.Concat(proposed).Except(stored, StringComparer.Ordinal)];
            if (missing.Length > 0)
            {
                // Names that the rules exclude by now take no room.
                var excluded = stored.Count(name => !catalog.Discovery.Cover(Encoding.UTF8.GetBytes(name)));
                await names.AddAsync(missing, catalog.Discovery.Max + excluded, cancellationToken);
                stored = await ReadAsync(cancellationToken);
            }

            catalog.Admit(stored);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<string[]> ReadAsync(CancellationToken cancellationToken) =>
        [.. (await names.ReadAsync(cancellationToken)).Select(measurement => measurement.Name)];

    /// <param name="last">The name of the last one as UTF-8.</param>
    internal void Drop(int values, ReadOnlySpan<byte> last)
    {
        Interlocked.Add(ref _dropped, values);
        if (_hasLoggedAll)
        {
            return;
        }

        lock (_logged)
        {
            if (_logged.Count < MaxLogged && _logged.GetAlternateLookup<ReadOnlySpan<byte>>().Add(last))
            {
                _hasLoggedAll = _logged.Count == MaxLogged;
                LogDropped(
                    logger, PrintableText.Escape(Encoding.UTF8.GetString(last)), catalog.Discovery.MaxPerReading, catalog.Discovery.Max,
                    _hasLoggedAll ? "; further measurements are not named" : "");
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
