using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Merging;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Streams;

/// <summary>
/// Publishes closed windows in the stream of their sensor. At the end of a period thousands of grains publish at once, and their
/// messages share requests.
/// </summary>
internal sealed partial class StreamWindowEvents(
    SensorStreams streams, ISensorNames names, TimeProvider clock, ILogger<StreamWindowEvents> logger)
    : IWindowEvents, ILongerWindowEvents
{
    /// <summary>Shorter than the response timeout of the call to the grain, so that the call fails with the reason.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(30);

    private long _logged;

    public Task AnnounceAsync(IReadOnlyList<WindowRow> rows) =>
        !streams.HasWindows || rows.Count == 0
            ? Task.CompletedTask
            : SendAsync(rows[0].Key.SensorId, sensor => rows.Select(row => ClosedWindow.ToJson(row, sensor)));

    public Task AnnounceAsync(MergedWindow window) =>
        !streams.HasWindows ? Task.CompletedTask : SendAsync(window.Id.SensorId, sensor => ClosedWindow.ToJson(window, sensor));

    private async Task SendAsync(int id, Func<SensorRef, IEnumerable<byte[]>> events)
    {
        var waitsFor = "The store has not answered";
        var sensor = new SensorRef(id, SensorName.IsNumber(id) ? SensorRef.Unnamed : null);
        try
        {
            sensor = SensorRef.Of(id, await names.NamesAmongAsync([id], CancellationToken.None).AsTask().WaitAsync(Patience, clock));
            waitsFor = "Kafka has not acknowledged them";
            await streams.ProduceAsync(SensorStreams.Windows, sensor, events(sensor))
                .WaitAsync(Patience, clock);
        }
        catch (Exception e) when (e is KafkaStreamException or TimeoutException or WindowStoreUnavailableException)
        {
            var reason = e is TimeoutException ? $"{waitsFor} within {Patience.TotalSeconds:0} s" : e.Message;
            var message = $"The windows of sensor {sensor} could not be published and will be closed again: {reason}";

            // Thousands of sensors fail at once, so one of them is logged.
            var logged = Volatile.Read(ref _logged);
            if ((logged == 0 || clock.GetElapsedTime(logged) >= LogInterval)
                && Interlocked.CompareExchange(ref _logged, clock.GetTimestamp(), logged) == logged)
            {
                LogNotAnnounced(logger, message);
            }

            throw new WindowEventsException(message);
        }
    }

    [LoggerMessage(1230, LogLevel.Warning, "Closed windows could not be published: {Reason}")]
    private static partial void LogNotAnnounced(ILogger logger, string reason);
}
