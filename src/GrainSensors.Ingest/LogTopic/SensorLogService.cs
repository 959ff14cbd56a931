using Confluent.Kafka;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Ingest.LogTopic;

/// <summary>
/// Keeps what sensors write to the log topic themselves, once for each offset. The silos share the partitions; what was
/// kept is committed after it, so that nothing is left out.
/// </summary>
internal sealed partial class SensorLogService(KafkaClients clients, ISensorReports reports, TimeProvider clock, ILogger<SensorLogService> logger) : BackgroundService
{
    private const int MaxBatch = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () => RunAsync(stoppingToken).GetAwaiter().GetResult(), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        string? complaint = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ConsumeAsync(stoppingToken);
                complaint = null;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is KafkaException or WindowStoreUnavailableException)
            {
                if (complaint != e.Message)
                {
                    complaint = e.Message;
                    LogFailed(logger, e.Message);
                }

                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
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
            var lines = new List<SensorLogLine>();
            while (!stoppingToken.IsCancellationRequested)
            {
                var last = new Dictionary<Partition, Offset>();
                lines.Clear();
                for (var record = consumer.Consume(Poll); record is not null; record = last.Count < MaxBatch ? consumer.Consume(TimeSpan.Zero) : null)
                {
                    if (record.IsPartitionEOF)
                    {
                        continue;
                    }

                    last[record.Partition] = record.Offset;
                    if (record.Message.Value is { } value && LogMessage.Parse(value) is { AlertId: null } line)
                    {
                        lines.Add(new(
                            new SourceId(topic.TopicId, record.Partition), record.Offset, line.SensorId, Storable(line.Level), Storable(line.Message),
                            WrittenAt(record.Message.Timestamp)));
                    }

                    if (lines.Count >= MaxBatch)
                    {
                        break;
                    }
                }

                if (lines.Count > 0)
                {
                    await reports.WriteAsync(lines, stoppingToken);
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

    /// <summary>PostgreSQL has no text with a NUL in it: what holds one would be tried again for ever.</summary>
    private static string Storable(string text) => text.Replace('\0', '\uFFFD');

    /// <summary>Producers set it, and may set it to anything.</summary>
    private static long WrittenAt(Timestamp timestamp) => Math.Clamp(timestamp.UnixTimestampMs, 0, (EpochTime.Max / 1000) - 1) * 1000;

    [LoggerMessage(1301, LogLevel.Warning, "What sensors write to the log topic is not kept at present, and will be: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
