using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Retrying;
using GrainSensors.Ingest.Telemetry;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Names;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.LogTopic;

/// <summary>
/// Stores the messages that sensors write to the log topic, each offset once. The silos share the partitions. Offsets are
/// committed after the messages were stored, so that no message is lost.
/// </summary>
internal sealed partial class SensorLogService(
    KafkaClients clients,
    ISensorReports reports,
    ISensorNames names,
    IngestMetrics metrics,
    TimeProvider clock,
    ILogger<SensorLogService> logger)
    : BackgroundService
{
    private const int MaxBatch = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private bool _hasRefused;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () => RunAsync(stoppingToken).GetAwaiter().GetResult(), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        string? lastFailure = null;
        var untilStopped = RetryForever.Create(clock, FirstRetry, failure =>
        {
            if (lastFailure != failure.Message)
            {
                lastFailure = failure.Message;
                LogFailed(logger, failure.Message);
            }
        });
        try
        {
            await untilStopped.ExecuteAsync(async token => await ConsumeAsync(token), stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The silo is stopping.
        }
    }

    private async Task ConsumeAsync(CancellationToken stoppingToken)
    {
        using var admin = clients.Admin();
        var topic = await TopicIdentity.ResolveAsync(admin, clients.Options.LogTopic);
        using var consumer = clients.LogReader($"{clients.Options.GroupId}-log");
        consumer.Subscribe(clients.Options.LogTopic);
        try
        {
            var lines = new List<(SensorRef Sensor, SensorLogLine Line)>();
            while (!stoppingToken.IsCancellationRequested)
            {
                lines.Clear();
                var last = Read(consumer, topic.TopicId, lines);
                if (lines.Count > 0)
                {
                    await reports.WriteAsync(await NumberedAsync(lines, stoppingToken), stoppingToken);
                }

                foreach (var (partition, offset) in last)
                {
                    consumer.StoreOffset(new TopicPartitionOffset(clients.Options.LogTopic, partition, offset + 1));
                }
            }
        }
        finally
        {
            consumer.Close();
        }
    }

    /// <returns>
    /// The lines, those of sensors with names with their numbers. A line gives a sensor no number: that is for readings and the registry,
    /// which have limits. Lines of names without one are left out and counted.
    /// </returns>
    private async Task<List<SensorLogLine>> NumberedAsync(
        List<(SensorRef Sensor, SensorLogLine Line)> lines, CancellationToken cancellationToken)
    {
        string[] named = [.. lines.Select(line => line.Sensor.Name).OfType<string>().Distinct()];
        var byName = named.Zip(await names.FindAsync(named, cancellationToken)).ToDictionary();
        List<SensorLogLine> numbered =
        [
            .. lines.Select(line => line.Sensor.Name is { } name ? line.Line with { SensorId = byName[name] } : line.Line)
                .Where(line => line.SensorId != SensorName.NoNumber),
        ];
        Refused(lines.Count - numbered.Count);
        return numbered;
    }

    private void Refused(int count)
    {
        metrics.LogMessagesRefused(count);
        if (count > 0 && !_hasRefused)
        {
            _hasRefused = true;
            LogRefused(logger, count);
        }
    }

    /// <summary>Reads a batch of messages.</summary>
    /// <returns>The last offset by partition.</returns>
    private static Dictionary<Partition, Offset> Read(
        IConsumer<Ignore, byte[]?> consumer, Guid topicId, List<(SensorRef Sensor, SensorLogLine Line)> lines)
    {
        var last = new Dictionary<Partition, Offset>();
        for (var record = consumer.Consume(Poll);
            record is not null;
            record = last.Count < MaxBatch ? consumer.Consume(TimeSpan.Zero) : null)
        {
            if (record.IsPartitionEOF)
            {
                continue;
            }

            last[record.Partition] = record.Offset;
            if (record.Message.Value is { } value && LogMessage.Parse(value) is { AlertId: null } message)
            {
                lines.Add((message.Sensor, new(
                    new SourceId(topicId, record.Partition),
                    record.Offset,
                    message.Sensor.Id,
                    Storable(message.Level),
                    Storable(message.Message),
                    WrittenAt(record.Message.Timestamp))));
            }

            if (lines.Count >= MaxBatch)
            {
                break;
            }
        }

        return last;
    }

    /// <summary>Replaces NUL characters. PostgreSQL refuses text with a NUL, and the message would be retried forever.</summary>
    private static string Storable(string text) => text.Replace('\0', '\uFFFD');

    /// <summary>The timestamp of a message, µs since the epoch. Producers can set any value, so it is limited to valid times.</summary>
    private static long WrittenAt(Timestamp timestamp) => Math.Clamp(timestamp.UnixTimestampMs, 0, (EpochTime.Max / 1000) - 1) * 1000;

    [LoggerMessage(
        1302,
        LogLevel.Warning,
        "{Count} log messages of sensors with new names are left out, because no reading of these sensors has come; "
        + "grainsensors.ingest.refused_log_messages counts further ones")]
    private static partial void LogRefused(ILogger logger, int count);

    [LoggerMessage(1301, LogLevel.Warning, "Log messages of sensors cannot be stored and will be retried: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
