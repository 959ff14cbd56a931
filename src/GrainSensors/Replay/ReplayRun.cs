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

/// <summary>Runs one replay from the file to the summary.</summary>
internal sealed class ReplayRun(PipelineSettings settings, ReplayRequest request, TimeProvider clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Partitions of the embedded broker, which must hold all readings between two checkpoints at full speed.</summary>
    private const int Partitions = 32;

    /// <summary>Larger batches are faster, and in a replay nothing waits for a single reading.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);

    /// <summary>Nothing reads the windows before the replay has finished, so batches may wait.</summary>
    private static readonly TimeSpan MaxBatchWait = TimeSpan.FromSeconds(2);

    /// <summary>
    /// An interrupted replay does not continue from a checkpoint. Checkpoints are needed only when the embedded broker is full.
    /// </summary>
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromMinutes(1);

    /// <exception cref="UsageException">The replay cannot run, or it was interrupted.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        OutputFile.Require(request.Output);
        OutputFile.Require(request.Alerts);
        using var csv = new CsvReadings(request.File, settings.Measurements, settings.Readings, clock);
        var summary = request.ProduceOnly
            ? await ProduceOnlyAsync(csv, cancellationToken)
            : await ThroughWindowsAsync(csv, cancellationToken);
        foreach (var (line, reason) in summary.Rejections)
        {
            await Console.Error.WriteLineAsync($"{request.File}, line {line}: {reason}");
        }

        if (summary.Rejected > summary.Rejections.Count)
        {
            await Console.Error.WriteLineAsync($"{summary.Rejected - summary.Rejections.Count} more rejected");
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

        // Retention is off, because a recording may be older than the readings that a live pipeline keeps.
        var withStore = settings with
        {
            Store = temporary is null ? settings.Store : WindowStoreAddress.Parse($"sqlite:{temporary.Path}/windows.db"),
            Retention = Timeout.InfiniteTimeSpan,
        };
        await using var store = await StoreFactory.OpenAsync(withStore, cancellationToken);
        using var broker = settings.Kafka.BootstrapServers.Length == 0 ? EmbeddedKafka.Start(settings, Partitions) : null;
        if (broker is null)
        {
            // A group of its own keeps this silo out of a running cluster, whose group would give it partitions.
            settings.Kafka.GroupId = $"{settings.Kafka.GroupId}-replay-{Guid.NewGuid():N}";
            await KafkaPreparation.EnsureTopicsAsync(settings.Kafka);
            await KafkaPreparation.BeginAtEndAsync(settings.Kafka);
        }

        // Windows close by recorded time, not by the wall clock, and all of them at the end of the recording.
        settings.Ingest.IdleTimeout = Timeout.InfiniteTimeSpan;
        settings.Ingest.MaxBatchWait = MaxBatchWait;
        settings.Ingest.CheckpointInterval = settings.Ingest.FirstCheckpointInterval = CheckpointInterval;
        settings.Ingest.MaxReadingsPerCheckpoint = int.MaxValue;
        settings.Ingest.IsMonitoringEnabled = request.Alerts is not null;
        var alerts = new AlertRecorder();
        using var host = PipelineHost.Build(
            withStore, store, services => services.AddSingleton<IAlertSink>(alerts).AddReadingProducer(Linger));
        await host.StartAsync(cancellationToken);
        var (recording, elapsed) = await ProcessAsync(csv, host, cancellationToken);
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

        var counted = await CountAsync(recording, store);
        var description = temporary is null ? store.Description : null;
        return Summary(recording, elapsed, totals, counted, description, request.Alerts is null ? null : alerts.Rows);
    }

    /// <returns>The counts, and the time from the first reading produced to the last checkpoint.</returns>
    private async Task<(Recording Recording, TimeSpan Elapsed)> ProcessAsync(
        CsvReadings csv, IHost host, CancellationToken cancellationToken)
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
            await UntilAsync(() => IsReady(ingest.GetStatus()), ended.Token);
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
            settings.Ingest.MaxBatchWait = TimeSpan.Zero; // No more readings follow.
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
            var rest = request.KeepsWindows ? " Windows up to the last checkpoint are in the store." : "";
            throw new UsageException($"Interrupted after {Plural.Of(recording.Recording.Readings, "reading")}.{rest}", e);
        }

        return (recording.Recording, elapsed);
    }

    private static bool IsReady(IngestStatus status) =>
        status.Partitions.Count > 0 && status.Partitions.All(partition => partition.IsReady);

    private static ReplayProgress.Snapshot Look(RecordingProducer recording, BulkReadingProducer producer, IngestStatus? status)
    {
        var detail = new List<string>();
        if (producer.IsHolding)
        {
            detail.Add("waiting for windows to catch up");
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
