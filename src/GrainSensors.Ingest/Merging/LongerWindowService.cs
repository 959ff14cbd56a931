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

    /// <summary>Another process may have added a period. Without longer periods, there may be stale windows still.</summary>
    private static readonly TimeSpan PeriodsInterval = TimeSpan.FromSeconds(30);

    /// <summary>How long a window waits for a pane that is not closed: a partition that has no owner.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private readonly WindowMerger _merger = new(store, Random.Shared.NextInt64);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(
            PeriodsInterval,
            async () =>
            {
                // A merge may take long, and the writes of this process must know of a new period soon.
                if ((await store.ReadPeriodsAsync(stoppingToken)).IsEmpty)
                {
                    await RunAloneAsync(stoppingToken);
                }
            },
            stoppingToken),
        RepeatAsync(Interval, () => store.Periods.IsEmpty ? Task.CompletedTask : RunAloneAsync(stoppingToken), stoppingToken));

    private async Task RepeatAsync(TimeSpan interval, Func<Task> action, CancellationToken stoppingToken)
    {
        var lastFailure = "";
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await action();
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

            await Task.Delay(interval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task<bool> RunAloneAsync(CancellationToken stoppingToken) => store.TryRunAsync(() => RunAsync(stoppingToken), stoppingToken);

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        var ended = await _merger.EndedByAsync(EpochTime.Now(clock), options.Value.Grace, stoppingToken);
        await _merger.MergeAsync(ended, ended - EpochTime.From(Patience), stoppingToken);
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
