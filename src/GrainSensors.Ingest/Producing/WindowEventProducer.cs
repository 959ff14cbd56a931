using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using Microsoft.Extensions.Logging;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Producing;

/// <summary>
/// Announces closed windows in a topic, as JSON and keyed by their sensor. Thousands of grains do so at once when a period
/// ends: their messages share batches.
/// </summary>
internal sealed partial class WindowEventProducer(KafkaClients clients, TimeProvider clock, ILogger<WindowEventProducer> logger) : IWindowEvents, IAsyncDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Less than the call to the grain may take, which then says why it failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(30);

    private readonly Lazy<IProducer<byte[]?, byte[]?>> _producer = new(() => clients.Producer(Linger));

    private long _logged;

    private string Topic => clients.Options.WindowTopic;

    public Task AnnounceAsync(IReadOnlyList<WindowRow> rows) => Topic.Length == 0 || rows.Count == 0 ? Task.CompletedTask : SendAsync(rows);

    public async ValueTask DisposeAsync()
    {
        if (_producer.IsValueCreated)
        {
            await Task.Run(() => _producer.Value.Flush(FlushTimeout));
            _producer.Value.Dispose();
        }
    }

    private async Task SendAsync(IReadOnlyList<WindowRow> rows)
    {
        var acknowledgement = new Acknowledgement(rows.Count);
        foreach (var row in rows)
        {
            await ProduceAsync(
                new() { Key = Encoding.UTF8.GetBytes(row.Key.SensorId.ToString(CultureInfo.InvariantCulture)), Value = ToJson(row) }, acknowledgement);
        }

        string? reason;
        try
        {
            reason = await acknowledgement.Task.WaitAsync(Patience, clock);
        }
        catch (TimeoutException)
        {
            reason = $"no answer within {Patience.TotalSeconds:0} s";
        }

        if (reason is not null)
        {
            var sentence = $"The topic \"{Topic}\" did not take the closed windows of sensor {rows[0].Key.SensorId}, so they stay open and are closed again: {reason}";

            // Thousands of sensors fail at once.
            var logged = Volatile.Read(ref _logged);
            if ((logged == 0 || clock.GetElapsedTime(logged) >= LogInterval) && Interlocked.CompareExchange(ref _logged, clock.GetTimestamp(), logged) == logged)
            {
                LogNotAnnounced(logger, sentence);
            }

            throw new WindowEventsException(sentence);
        }
    }

    private async ValueTask ProduceAsync(Message<byte[]?, byte[]?> message, Acknowledgement acknowledgement)
    {
        while (true)
        {
            try
            {
                _producer.Value.Produce(Topic, message, report => acknowledgement.Add(report.Error.IsError ? report.Error.Reason : null));
                return;
            }
            catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(QueueFullPause, clock);
            }
            catch (KafkaException e)
            {
                acknowledgement.Add(e.Error.Reason);
                return;
            }
        }
    }

    private static byte[] ToJson(WindowRow row)
    {
        var (key, statistics) = (row.Key, row.Statistics);
        var (start, end) = (Time(key.Start), Time(key.End));
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("event_id"u8, string.Create(CultureInfo.InvariantCulture, $"{key.SensorId}/{key.Metric}/{start}/{end}/{row.Revision}"));
        json.WriteNumber("sensor_id"u8, key.SensorId);
        json.WriteString("metric"u8, key.Metric);
        json.WriteString("window_start"u8, start);
        json.WriteString("window_end"u8, end);
        json.WriteNumber("count"u8, statistics.Count);
        json.WriteNumber("mean"u8, statistics.Mean);
        json.WriteNumber("stddev"u8, statistics.PopulationStandardDeviation);
        json.WriteNumber("min"u8, statistics.Min);
        json.WriteNumber("max"u8, statistics.Max);
        json.WriteNumber("revision"u8, row.Revision);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string Time(long micros) =>
        DateTime.UnixEpoch.AddMicroseconds(micros).ToString(micros % 1_000_000 == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    [LoggerMessage(1230, LogLevel.Warning, "Closed windows could not be announced: {Reason}")]
    private static partial void LogNotAnnounced(ILogger logger, string reason);

    /// <summary>Of all messages of a call; the reason of the first that failed, or null.</summary>
    private sealed class Acknowledgement(int count)
    {
        private readonly TaskCompletionSource<string?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        public Task<string?> Task => _done.Task;

        public void Add(string? reason)
        {
            if (reason is not null || Interlocked.Decrement(ref _left) == 0)
            {
                _done.TrySetResult(reason);
            }
        }
    }
}
