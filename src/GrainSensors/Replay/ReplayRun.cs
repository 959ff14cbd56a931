using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Status;
using GrainSensors.Storage;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Windows;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GrainSensors.Replay;

/// <summary>One replay from the file to the summary.</summary>
internal sealed class ReplayRun(PipelineSettings settings, ReplayRequest request, TimeProvider clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Of the embedded broker: at full speed it has to hold what is between two checkpoints.</summary>
    private const int Partitions = 32;

    /// <summary>In a replay nothing else waits for its batch.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);

    /// <summary>Nor does anybody look at the windows before they are all there.</summary>
    private static readonly TimeSpan MaxBatchWait = TimeSpan.FromSeconds(2);

    /// <summary>Nor would an interrupted replay go on at its last checkpoint, so one comes when the embedded broker can hold no more.</summary>
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromMinutes(1);

    /// <exception cref="UsageException">It could not run.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        OutputFile.Require(request.Output);
        OutputFile.Require(request.Alerts);
        using var csv = new CsvReadings(request.File, settings.Measurements, settings.Readings, clock);
        var summary = request.ProduceOnly ? await ProduceOnlyAsync(csv, cancellationToken) : await ThroughWindowsAsync(csv, cancellationToken);
        foreach (var (line, reason) in summary.Rejections)
        {
            await Console.Error.WriteLineAsync($"{request.File}, line {line}: {reason}");
        }

        if (summary.Rejected > summary.Rejections.Count)
        {
            await Console.Error.WriteLineAsync($"… and {summary.Rejected - summary.Rejections.Count} more");
        }

        Console.WriteLine(request.Json ? summary.ToJson() : summary.ToText());
        return summary.Rejected > 0 ? ExitCodes.SomethingRejected : ExitCodes.Success;
    }

    private async Task<ReplaySummary> ProduceOnlyAsync(CsvReadings csv, CancellationToken cancellationToken)
    {
        await KafkaPreparation.EnsureTopicsAsync(settings.Kafka);
        await using var services = PipelineHost.BuildProducer(settings.Kafka, Linger);
        var producer = services.GetRequiredService<BulkReadingProducer>();
        var recording = new RecordingProducer(csv, producer, request.Speed, clock);
        var started = clock.GetTimestamp();
        await ReplayProgress.ShowAsync(recording.RunAsync(cancellationToken), ingests: false, () => Look(recording, producer, null), clock);
        return Summary(recording.Recording, clock.GetElapsedTime(started), null, null, null);
    }

    private async Task<ReplaySummary> ThroughWindowsAsync(CsvReadings csv, CancellationToken cancellationToken)
    {
        using var temporary = request.KeepsWindows ? null : new TemporaryFolder();

        // A recording may be older than what a live pipeline keeps.
        var withStore = settings with
        {
            Store = temporary is null ? settings.Store : WindowStoreAddress.Parse($"sqlite:{temporary.Path}/windows.db"),
            Retention = Timeout.InfiniteTimeSpan,
        };
        await using var store = await StoreFactory.OpenAsync(withStore, cancellationToken);
        using var broker = settings.Kafka.BootstrapServers.Length == 0 ? EmbeddedKafka.Start(settings, Partitions) : null;
        if (broker is null)
        {
            // Not the group of a cluster that may be running: it would give this silo partitions, and lose their readings.
            settings.Kafka.GroupId = $"{settings.Kafka.GroupId}-replay-{Guid.NewGuid():N}";
            await KafkaPreparation.EnsureTopicsAsync(settings.Kafka);
            await KafkaPreparation.BeginAtEndAsync(settings.Kafka);
        }

        // Recorded time is not the wall clock's: windows close as the recording goes on, and all of them at its end.
        settings.Ingest.IdleTimeout = Timeout.InfiniteTimeSpan;
        settings.Ingest.MaxBatchWait = MaxBatchWait;
        settings.Ingest.CheckpointInterval = settings.Ingest.FirstCheckpointInterval = CheckpointInterval;
        settings.Ingest.MaxReadingsPerCheckpoint = int.MaxValue;
        settings.Ingest.IsMonitoringEnabled = request.Alerts is not null;
        var alerts = new AlertRecorder();
        using var host = PipelineHost.Build(withStore, store, services => services.AddSingleton<IAlertSink>(alerts).AddReadingProducer(Linger));
        await host.StartAsync(cancellationToken);
        var (recording, elapsed) = await WorkOffAsync(csv, host, cancellationToken);
        var totals = host.Services.GetRequiredService<IngestService>().GetStatus().Totals;
        await host.StopAsync(CancellationToken.None);

        if (request.Output is not null)
        {
            await OutputFile.WriteAsync(request.Output, file => WindowsCsv.WriteAsync(file, WindowsOf(recording, store)));
        }

        if (request.Alerts is not null)
        {
            await alerts.WriteAsync(request.Alerts);
        }

        var (windows, rows) = await CountAsync(recording, store);
        return Summary(recording, elapsed, totals, (windows, rows), temporary is null ? store.Description : null, request.Alerts is null ? null : alerts.Rows);
    }

    /// <returns>What was produced, and the time from the first reading produced to the last one durable.</returns>
    private async Task<(Recording Recording, TimeSpan Elapsed)> WorkOffAsync(CsvReadings csv, IHost host, CancellationToken cancellationToken)
    {
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        var ingest = host.Services.GetRequiredService<IngestService>();
        var producer = host.Services.GetRequiredService<BulkReadingProducer>();
        var recording = new RecordingProducer(csv, producer, request.Speed, clock);
        var elapsed = TimeSpan.Zero;

        async Task WorkAsync()
        {
            await producer.ConnectAsync();
            await UntilAsync(() => ingest.GetStatus().Partitions is { Count: > 0 } partitions && partitions.All(partition => partition.IsReady), ended.Token);
            var started = clock.GetTimestamp();
            var producing = Task.Run(() => recording.RunAsync(ended.Token), ended.Token);
            await UntilAsync(
                () =>
                {
                    if (producer.IsHolding)
                    {
                        ingest.RequestCheckpoint();
                    }

                    return producing.IsCompleted;
                },
                ended.Token);
            await producing;
            settings.Ingest.MaxBatchWait = TimeSpan.Zero; // nothing more comes
            ingest.Tick();
            await UntilAsync(() => ingest.GetStatus().HasTaken(producer.LastOffsets), ended.Token);
            await ingest.CloseAllAsync().WaitAsync(ended.Token);
            await UntilAsync(() => ingest.GetStatus().HasCheckpointed(producer.LastOffsets), ended.Token);
            elapsed = clock.GetElapsedTime(started);
        }

        try
        {
            await ReplayProgress.ShowAsync(WorkAsync(), ingests: true, () => Look(recording, producer, ingest.GetStatus()), clock);
        }
        catch (OperationCanceledException e)
        {
            await host.StopAsync(CancellationToken.None);
            throw new UsageException($"Interrupted after {recording.Recording.Readings} readings; what was in windows by then is in the store.", e);
        }

        return (recording.Recording, elapsed);
    }

    private static ReplayProgress.Snapshot Look(RecordingProducer recording, BulkReadingProducer producer, IngestStatus? status)
    {
        var detail = new List<string>();
        if (producer.IsHolding)
        {
            detail.Add("waiting for the windows to catch up");
        }

        detail.AddRange(status?.Troubles ?? []);
        var produced = recording.Recording.Readings;
        var ingested = status is null || produced == 0 ? 0 : Math.Min(1, (double)status.Totals.Readings / produced);
        return new(recording.Progress, recording.Progress * ingested, string.Join("; ", detail));
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    private async IAsyncEnumerable<WindowRow> WindowsOf(Recording recording, IStore store)
    {
        if (recording.Readings == 0)
        {
            yield break;
        }

        var period = settings.Ingest.Period;
        var query = new WindowQuery(period.StartOf(recording.FirstTimestamp), recording.LastTimestamp + 1, Period: period);
        await foreach (var row in store.QueryAsync(query, CancellationToken.None))
        {
            if (recording.SensorIds.Contains(row.Key.SensorId))
            {
                yield return row;
            }
        }
    }

    private async Task<(long Windows, long Rows)> CountAsync(Recording recording, IStore store)
    {
        var windows = new HashSet<WindowId>();
        var rows = 0L;
        await foreach (var row in WindowsOf(recording, store))
        {
            rows++;
            windows.Add(row.Key.Window);
        }

        return (windows.Count, rows);
    }

    private ReplaySummary Summary(
        Recording recording, TimeSpan elapsed, IngestTotals? totals, (long Windows, long Rows)? counted, string? store,
        IReadOnlyList<AlertRecorder.Row>? alerts = null) => new(
            request.File,
            recording.Readings,
            recording.SensorIds.Count,
            recording.Rejected + (totals?.Rejected ?? 0),
            totals?.Late,
            counted?.Windows,
            counted?.Rows,
            elapsed.TotalSeconds,
            settings.Kafka.BootstrapServers,
            store,
            request.Output,
            alerts?.Count,
            alerts is not null && recording.Labels.Count > 0 ? LabelScore.Of(recording.Labels, alerts) : null,
            recording.Rejections,
            totals?.Rejects.ByReason ?? new Dictionary<string, long>());
}
