using GrainSensors.Core.Windows;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Stores;
using GrainSensors.Storage;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Run;

/// <summary>The store of <c>run</c>, open, and what follows from its content.</summary>
/// <param name="Settings">With windows of a minute, if the store has such or is new, and no other period is configured.</param>
/// <param name="IsNew">Whether the simulated sensors get a past.</param>
internal sealed record RunStore(PipelineSettings Settings, IStore Store, bool IsNew)
{
    private static readonly Period Minute = Period.FromSeconds(60);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(2);

    /// <param name="isEmpty">Whether the person wants a store without a past.</param>
    /// <param name="log">Replaces standard error; null: standard error.</param>
    public static async Task<RunStore> OpenAsync(
        IReadOnlyDictionary<string, string?> overrides, bool isEmpty, ILoggerProvider? log, CancellationToken cancellationToken)
    {
        var settings = LocalMqtt.Prepare(PipelineSettings.Load(overrides));
        var store = await StoreFactory.OpenAsync(settings, cancellationToken, log);
        try
        {
            var isNew = !isEmpty && CanHavePast(settings) && await ExampleFleet.IsNewAsync(store, cancellationToken);
            var hasChoice = settings.Periods.Longer.IsEmpty && settings.Periods.Pane == Period.Default;
            if (hasChoice && ((isNew && settings.Deduplication is null) || await HasMinutesAsync(store, cancellationToken)))
            {
                // A store has the periods with which it was opened.
                await store.DisposeAsync();
                settings = LocalMqtt.Prepare(PipelineSettings.Load(WithMinutes(overrides)));
                store = await StoreFactory.OpenAsync(settings, cancellationToken, log);
            }

            await store.MergedWindows.SetPeriodsAsync(cancellationToken);
            return new(settings, store, isNew);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <returns>
    /// Whether nobody is told of the alerts of the past, nobody else uses the store, and readings of a day ago are accepted and kept.
    /// </returns>
    private static bool CanHavePast(PipelineSettings settings) =>
        settings is { Sensors: > 0, Store.IsShared: false, Contacts.Points.Count: 0, Monitor.Webhook.Url: null }
        && settings.Readings.Earliest < TimeProvider.System.GetUtcNow() - Kept
        && (settings.Periods.Oldest == Timeout.InfiniteTimeSpan || settings.Periods.Oldest >= Kept);

    private static async Task<bool> HasMinutesAsync(IStore store, CancellationToken cancellationToken)
    {
        var periods = await store.MergedWindows.ReadPeriodsAsync(cancellationToken);
        return !periods.IsEmpty && periods.Pane == Minute;
    }

    private static Dictionary<string, string?> WithMinutes(IReadOnlyDictionary<string, string?> overrides) => new(overrides)
    {
        ["Periods:0:Period"] = Minute.ToString(),
        ["Periods:1:Period"] = Period.Default.ToString(),
    };
}
