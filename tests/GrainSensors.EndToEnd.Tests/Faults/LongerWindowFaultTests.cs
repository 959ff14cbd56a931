using System.Text.Json;
using GrainSensors.Core.Statistics;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Postgres;

namespace GrainSensors.EndToEnd.Tests.Faults;

/// <summary>Silos that die while windows of several periods are counted, merged and announced.</summary>
[Trait("Category", "System")]
[Collection(FaultCollections.Silos)]
public sealed class LongerWindowFaultTests
{
    private static readonly string[] Longer = ["PT15S", "PT30S/PT3S", "PT30S"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Longer_windows_are_those_of_their_panes_after_kills_and_late_readings()
    {
        var settings = FaultCluster.Quick.ToDictionary();
        foreach (var (period, i) in Longer.Prepend(FaultCluster.Period.ToString()).Select((period, i) => (period, i)))
        {
            settings[$"Periods__{i}__Period"] = period;
        }

        await using var cluster = await FaultCluster.StartAsync(2, settings);
        var error = TimeSpan.Zero;
        await using (var run = new FaultRun("longer windows", cluster, seed: 29, () => error))
        {
            await run.UntilFlowingAsync();
            foreach (var seconds in new[] { 0, -20, -50, 0 })
            {
                error = TimeSpan.FromSeconds(seconds);
                await run.FlowAsync(4);
                var victim = cluster.Silos[run.Random.Next(cluster.Silos.Count)];
                await victim.KillAsync();
                await cluster.RemoveAsync(victim);
                cluster.Begin();
            }

            await run.UntilFlowingAsync();
            await run.FinishAsync();
        }

        await using var store = new PostgresWindowStore(cluster.ConnectionString);
        var counted = await store.QueryAsync(new(EpochTime.Min, EpochTime.Max, Period: FaultCluster.Period), Stop).ToListAsync(Stop);
        var wanted = Longer.Select(WindowPeriod.Parse).SelectMany(period => counted
            .SelectMany(row => period.StartsOver(row.Key.Start)
                .Select(start => (Key: new Key(row.Key.SensorId, row.Key.Measurement, $"{period}", start), row.Statistics)))
            .GroupBy(pair => pair.Key, pair => pair.Statistics))
            .ToDictionary(pane => pane.Key, pane => pane.Aggregate((all, next) => all.Merge(next)));
        Assert.InRange(wanted.Count, 500, int.MaxValue);
        var merged = new Dictionary<Key, Found>();
        await Until.Async(
            async () =>
            {
                await cluster.SuperviseAsync();
                merged = await MergedAsync(store);
                return merged.Count == wanted.Count && merged.Values.All(found => found.Window is { IsFinal: true, IsStale: false })
                    && (await store.MergedWindows.ReadDueAsync(1, Stop)).Count == 0;
            },
            () => $"{merged.Count} of {wanted.Count} windows are merged, {merged.Values.Count(found => found.Window.IsStale)} are stale; "
                + $"{cluster}",
            TimeSpan.FromSeconds(120));

        Assert.All(wanted, window => AssertEqual(window.Value, merged[window.Key].Statistics));
        Assert.Contains(merged.Values, found => found.Window.Revision > 0);
        var messages = LogContents.Messages(cluster.Kafka.Options, [cluster.Kafka.Options.WindowTopic]);
        AssertAnnounced(merged, messages.Select(found => found.Value));
        var again = merged.Values.Count(found => found.Window.Revision > 0);
        Figures.Print($"{counted.Count} windows counted, {merged.Count} merged, {again} of them again");
    }

    private static async Task<Dictionary<Key, Found>> MergedAsync(PostgresWindowStore store)
    {
        var found = new Dictionary<Key, Found>();
        foreach (var period in Longer)
        {
            await foreach (var window in store.MergedWindows.QueryAsync(
                null, WindowPeriod.Parse(period), EpochTime.Min, EpochTime.Max, Stop))
            {
                foreach (var measured in window.Statistics.Measurements)
                {
                    found.Add(new(window.Id.SensorId, measured.Measurement, period, window.Id.Start), new(window, measured.Statistics));
                }
            }
        }

        return found;
    }

    /// <summary>The last revision of each window is announced as it is stored, and no revision has two contents.</summary>
    private static void AssertAnnounced(Dictionary<Key, Found> merged, IEnumerable<byte[]> messages)
    {
        var events = new Dictionary<string, JsonElement>();
        foreach (var message in messages.Select(message => JsonSerializer.Deserialize<JsonElement>(message))
            .Where(message => Longer.Contains(message.GetProperty("period").GetString())))
        {
            var id = message.GetProperty("event_id").GetString()!;
            Assert.True(!events.TryGetValue(id, out var before) || JsonElement.DeepEquals(before, message), $"{before} and {message}");
            events[id] = message;
        }

        Assert.All(merged, found => Assert.Contains(events.Values, message =>
            message.GetProperty("sensor_id").GetInt32() == found.Key.SensorId
            && message.GetProperty("metric").GetString() == found.Key.Measurement
            && message.GetProperty("period").GetString() == found.Key.Period
            && message.GetProperty("window_start").GetString() == EpochTime.ToIso8601(found.Key.Start)
            && message.GetProperty("revision").GetInt32() == found.Value.Window.Revision
            && message.GetProperty("count").GetInt64() == found.Value.Statistics.Count));
    }

    private static void AssertEqual(RunningStatistics expected, RunningStatistics actual)
    {
        Assert.Equal((expected.Count, expected.Min, expected.Max), (actual.Count, actual.Min, actual.Max));
        Assert.Equal(expected.Mean, actual.Mean, 9);
        Assert.Equal(expected.PopulationStandardDeviation, actual.PopulationStandardDeviation, 9);
    }

    private readonly record struct Key(int SensorId, string Measurement, string Period, long Start);

    private sealed record Found(MergedWindow Window, RunningStatistics Statistics);
}
