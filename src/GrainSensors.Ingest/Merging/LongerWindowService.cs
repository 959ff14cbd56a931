using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GrainSensors.Ingest.Merging;

/// <summary>Merges longer windows that are over, and announces those that have changed. One silo at a time does so.</summary>
internal sealed partial class LongerWindowService(
    IMergedWindowStore store, ILongerWindowEvents events, IOptions<IngestOptions> options, TimeProvider clock,
    ILogger<LongerWindowService> logger)
    : BackgroundService
{
    /// <summary>Windows announced at once. Their messages share requests.</summary>
    private const int Announced = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Another process may have added a period. Without longer periods, one may still have stale windows.</summary>
    private static readonly TimeSpan PeriodsInterval = TimeSpan.FromSeconds(30);

    /// <summary>How long a window waits for a pane that is not closed: a partition that is behind, or has no owner.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private readonly WindowMerger _merger = new(store, Random.Shared.NextInt64);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (hasPeriods, readAt, lastFailure) = (false, default(long?), "");
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var reads = readAt is not { } at || clock.GetElapsedTime(at) >= PeriodsInterval;
                if (reads)
                {
                    hasPeriods = !(await store.ReadPeriodsAsync(stoppingToken)).IsEmpty;
                    readAt = clock.GetTimestamp();
                }

                if (reads || hasPeriods)
                {
                    await store.TryRunAsync(() => RunAsync(stoppingToken), stoppingToken);
                }

                lastFailure = "";
            }
            catch (Exception e) when (e is WindowStoreUnavailableException or WindowEventsException)
            {
                if (lastFailure != e.Message)
                {
                    LogFailed(logger, lastFailure = e.Message);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        var ended = clock.GetUtcNow() - options.Value.Grace;
        await _merger.MergeAsync(EpochTime.From(ended), EpochTime.From(ended - Patience), stoppingToken);
        while (await store.ReadDueAsync(Announced, stoppingToken) is { Count: > 0 } due)
        {
            // Those that were announced are noted, also if others could not be: all of them wait for the same Kafka.
            var announcing = due.Select(window => (Window: window, Task: events.AnnounceAsync(window))).ToList();
            var all = Task.WhenAll(announcing.Select(pair => pair.Task));
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await store.AnnouncedAsync(
                [.. announcing.Where(pair => pair.Task.IsCompletedSuccessfully).Select(pair => pair.Window)], stoppingToken);
            await all;
        }
    }

    [LoggerMessage(1231, LogLevel.Warning, "Longer windows could not be merged or announced; the next attempt follows: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
