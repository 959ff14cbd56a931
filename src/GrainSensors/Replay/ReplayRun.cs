using GrainSensors.Contracts.Alerts;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Hosting.Stores;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Status;
using GrainSensors.Invocation;
using GrainSensors.RuleFiles;
using GrainSensors.Storage;
using GrainSensors.Storage.Opening;
using GrainSensors.Storage.Rules;
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
        var store = request.KeepsWindows ? settings.Store.File : null;
        OutputFile.RequireOther(request.File.Path, [store]);
        OutputFile.Require(request.Output, request.File.Path, store);
        OutputFile.Require(request.Alerts, request.File.Path, store, request.Output);
        var rules = request.Rules is null ? null : RulesOfFile.Read(request.Rules, settings.Measurements);
        using var csv = new CsvReadings(request.File, settings.Measurements, settings.Readings, clock);
        var summary = request.ProduceOnly
            ? await ProduceOnlyAsync(csv, cancellationToken)
            : await ThroughWindowsAsync(csv, rules, cancellationToken);
        foreach (var (line, reason) in summary.Rejections)
        {
            await Console.Error.WriteLineAsync($"{csv.Name}, line {line}: {reason}");
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
        return Summary(csv, settings.Kafka, recording.Recording, clock.GetElapsedTime(started), null, null, null);
    }

    private async Task<ReplaySummary> ThroughWindowsAsync(CsvReadings csv, IRuleStore? rules, CancellationToken cancellationToken)
    {
        using var temporary = request.KeepsWindows ? null : new TemporaryFolder();
        var replay = settings with
        {
            Sources = [],
            Store = temporary is null ? settings.Store : WindowStoreAddress.Parse($"sqlite:{temporary.Path}/windows.db"),
            Retention = Timeout.InfiniteTimeSpan,
            Periods = temporary is null ? settings.Periods : settings.Periods.OnlyContract(),
            Ingest = temporary is null ? settings.Ingest : settings.Ingest with { Period = settings.Periods.Contract },
        };
        await using var store = await StoreFactory.OpenAsync(replay, cancellationToken);
        await ConfirmAsync(csv.Name, store, cancellationToken);
        using var broker = settings.Kafka.BootstrapServers.Length == 0 ? EmbeddedKafka.Start(settings, Partitions) : null;
        replay = broker is null ? replay with { Kafka = await OwnGroupAsync() } : EmbeddedKafka.Connect(replay, broker);
        replay = replay with { Ingest = IngestOf(replay.Ingest) };
        var alerts = new AlertRecorder();
        using var host = PipelineHost.Build(replay, store, services =>
            services.AddSingleton<IAlertSink>(alerts).AddSingleton(rules ?? store.Rules).AddReadingProducer(Linger));
        await host.StartAsync(CancellationToken.None);
        Recording recording;
        TimeSpan elapsed;
        IngestTotals totals;
        try
        {
            (recording, elapsed) = await ProcessAsync(csv, host, cancellationToken);
            totals = host.Services.GetRequiredService<IngestService>().GetStatus().Totals;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }

        var written = new ReplayedWindows(recording, store, settings.Ingest.Period);
        if (request.Output is not null)
        {
            await OutputFile.WriteAsync(request.Output, file => WindowsCsv.WriteAsync(file, written.ReadAsync(), store.Names));
        }

        if (request.Alerts is not null)
        {
            await alerts.WriteAsync(request.Alerts);
        }

        var (windows, rows) = await written.CountAsync();
        return Summary(
            csv, replay.Kafka, recording, elapsed, totals, (windows, rows), temporary is null ? store.Description : null,
            request.Alerts is null ? null : alerts.Rows);
    }

    /// <summary>A replay closes its windows. Open ones belong to a pipeline, whose windows the recording would change.</summary>
    private async Task ConfirmAsync(string recording, IStore store, CancellationToken cancellationToken)
    {
        if (await store.ReadOpenAsync(cancellationToken) is { Count: > 0 } open)
        {
            Confirmation.Require(
                $"The readings of {recording} go to {store.Description}, where a pipeline has {Plural.Of(open.Count, "open window")}",
                request.IsConfirmed,
                cancellationToken);
        }
    }

    /// <returns>
    /// The Kafka of the settings with a consumer group of its own, which begins at the end of the topic. A silo in the group of a running
    /// cluster would take partitions from it, and the cluster would lose their readings.
    /// </returns>
    private async Task<KafkaOptions> OwnGroupAsync()
    {
        var kafka = settings.Kafka.With(options => options.GroupId = $"{options.GroupId}-replay-{Guid.NewGuid():N}");
        await KafkaPreparation.EnsureTopicsAsync(kafka);
        await KafkaPreparation.BeginAtEndAsync(kafka);
        return kafka;
    }

    /// <returns>
    /// Options for recorded time, which the wall clock does not follow: windows close by stream time and at the end of the recording. A
    /// recording may be older than the retention of a live pipeline.
    /// </returns>
    private IngestOptions IngestOf(IngestOptions ingest) => ingest with
    {
        Retention = Timeout.InfiniteTimeSpan,
        IdleTimeout = Timeout.InfiniteTimeSpan,
        MaxBatchWait = MaxBatchWait,
        FlushInterval = CheckpointInterval,
        CheckpointInterval = CheckpointInterval,
        FirstCheckpointInterval = CheckpointInterval,
        MaxReadingsPerCheckpoint = int.MaxValue,
        IsMonitoringEnabled = request.Alerts is not null,
        FollowsReadings = false,
    };

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
            ingest.DispatchWithoutWaiting();
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
        return new(produced, recording.Progress, recording.Progress * ingested, string.Join("; ", detail));
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
    }

    private ReplaySummary Summary(
        CsvReadings csv, KafkaOptions kafka, Recording recording, TimeSpan elapsed, IngestTotals? totals,
        (long Windows, long Rows)? counted, string? store, IReadOnlyList<AlertRecorder.Row>? alerts = null) => new(
            csv.Name,
            recording.Readings,
            recording.Sensors.Count,
            recording.Rejected + (totals?.Rejected ?? 0),
            totals?.Late,
            counted?.Windows,
            counted?.Rows,
            elapsed.TotalSeconds,
            kafka.BootstrapServers,
            store,
            request.Output,
            alerts?.Count,
            alerts is not null && recording.Labels.Count > 0 ? LabelScore.Of(recording.Labels, alerts) : null,
            recording.Rejections,
            totals?.Rejects.ByReason ?? new Dictionary<string, long>(),
            csv.Notes);
}
