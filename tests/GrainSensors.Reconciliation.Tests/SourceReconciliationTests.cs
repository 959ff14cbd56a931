using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Sources.Configuration;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Windows with readings of sources, which have formats and mappings of their own.</summary>
[Trait("Category", "System")]
public sealed class SourceReconciliationTests : IAsyncLifetime
{
    private const long Start = ReconciledLog.Start;

    private static readonly string Topic = $"uplinks-{Guid.NewGuid():N}";

    private static readonly SourceOptions Source = new()
    {
        Name = "uplinks",
        Topics = [Topic],
        Mapping = new()
        {
            Readings = "/list/*",
            Sensor = "{/id}",
            Time = "/list/*/t",
            Values = new Dictionary<string, string> { ["temperature"] = "/list/*/temp" },
        },
    };

    private ReconciledLog? _log;

    private ReconciledLog Log => _log!;

    public async ValueTask InitializeAsync() => _log = await ReconciledLog.StartAsync(1, null, Source);

    public ValueTask DisposeAsync() => Log.DisposeAsync();

    [Fact]
    public async Task Readings_of_a_source_and_of_the_contract_are_compared_in_one_window()
    {
        var contract = await Log.ProduceAsync(7, Start, 20);
        var mapped = await ProduceAsync(7, 21, 22, 23);
        var marks = Marks.Empty.Raise(Log.Source(), contract).Raise(Log.Source(0, Topic), mapped);
        await StoreAsync(7, [20, 21, 22], marks);
        await CheckpointAsync(1);

        var result = await Log.RunAsync();

        var finding = Assert.Single(result.Findings);
        Assert.Equal((FindingKind.Differing, FindingOutcome.Corrected), (finding.Kind, finding.Outcome));
        Assert.Equal(4, finding.Recomputed?.Count);
        Assert.Equal(4, result.Run.Counts.Readings);
        Assert.Equal(0, (await Log.RunAsync()).Run.Counts.Findings);
    }

    [Fact]
    public async Task A_message_of_which_some_readings_were_rejected_is_judged_by_reading()
    {
        var bytes = Message(7, "21", "\"hot\"", "23");
        var offset = await Log.ProduceAsync(bytes, topic: Topic);
        await Log.ProduceDeadLetterAsync(bytes, "invalid-value", offset, topic: Topic, parts: "1");
        await Log.StoreAsync(7, Start, [21, 23], offset, source: Log.Source(0, Topic));
        await CheckpointAsync(1);

        var result = await Log.RunAsync();

        Assert.Equal((0, 1), (result.Run.Counts.Findings, result.Run.Counts.Compared));
    }

    [Fact]
    public async Task A_rejection_that_the_engine_does_not_understand_is_in_dispute_and_leaves_its_window_alone()
    {
        var bytes = Message(7, "21", "22");
        var offset = await Log.ProduceAsync(bytes, topic: Topic);
        await Log.ProduceDeadLetterAsync(bytes, "invalid-value", offset, topic: Topic, parts: "1");
        await Log.StoreAsync(7, Start, [21, 22], offset, source: Log.Source(0, Topic));
        await CheckpointAsync(1);

        var result = await Log.RunAsync();

        Assert.All(result.Findings, finding => Assert.Equal(FindingKind.Parse, finding.Kind));
        Assert.Equal(2, result.Findings.Count);
        Assert.Equal(new LogPlace(0, offset, Topic), result.Findings[0].Place);
        Assert.EndsWith($"holds message {Topic} 0:{offset}", result.Findings[1].Differs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_without_a_dead_letter_that_cannot_be_read_is_in_dispute()
    {
        var offset = await Log.ProduceAsync("no JSON"u8.ToArray(), topic: Topic);
        await CheckpointAsync(1);

        var finding = Assert.Single((await Log.RunAsync()).Findings);

        Assert.Equal((FindingKind.Parse, new LogPlace(0, offset, Topic)), (finding.Kind, finding.Place));
        Assert.Equal("accepted by the stream, rejected by the engine: malformed", finding.Differs);
    }

    [Fact]
    public async Task Of_a_requeued_message_only_the_selected_readings_count()
    {
        var offset = await Log.ProduceAsync(Message(7, "21", "22", "23"), 0, Topic, null, ("dead-letter.id", "x"), ("parts", "1"));
        await Log.StoreAsync(7, Start, [22], offset, source: Log.Source(0, Topic));
        await CheckpointAsync(1);

        var result = await Log.RunAsync();

        Assert.Equal((0, 1), (result.Run.Counts.Findings, result.Run.Counts.Readings));
    }

    [Fact]
    public async Task The_sensor_may_be_the_key_and_the_time_that_of_Kafka()
    {
        await Log.ConfigureAsync(Source with
        {
            Mapping = new() { Sensor = "{key}", Values = new Dictionary<string, string> { ["temperature"] = "/temp" } },
        });
        var before = EpochTime.Now(TimeProvider.System);
        await Log.ProduceAsync("""{"temp":21}"""u8.ToArray(), topic: Topic, key: "7"u8.ToArray());
        await CheckpointAsync(1);
        var from = ReconciledLog.Period.StartOf(before - 60_000_000);

        var result = await Log.RunAsync(request => request with { From = from, To = from + (10 * ReconciledLog.Period.TotalMicros) });

        var finding = Assert.Single(result.Findings);
        Assert.Equal((FindingKind.Missing, 7), (finding.Kind, finding.Key?.SensorId));
    }

    [Fact]
    public async Task A_row_with_readings_of_a_topic_that_is_not_read_is_not_judged()
    {
        await Log.StoreAsync(7, Start, [21], 0, source: new(Guid.NewGuid(), 0));
        await CheckpointAsync(0);

        var result = await Log.RunAsync();

        Assert.Equal((0, 1), (result.Run.Counts.Findings, result.Run.Counts.Unjudged));
    }

    [Fact]
    public async Task A_source_that_has_lost_messages_leaves_windows_without_its_readings_comparable()
    {
        var offset = await Log.ProduceAsync(7, Start, 20);
        await Log.StoreAsync(7, Start, [20], offset);
        await Log.StoreAsync(8, Start, [21], 4, source: Log.Source(0, Topic));
        await Log.AddVersionAsync(Topic, 5, 5);
        for (var i = 0; i < 6; i++)
        {
            await ProduceAsync(9, 20);
        }

        await CheckpointAsync(6);

        var result = await Log.RunAsync(request => request with { SensorIds = [7, 8] });

        Assert.Equal(0, result.Run.Counts.Findings);
        Assert.Equal((1, 1), (result.Run.Counts.Compared, result.Run.Counts.Unjudged));
        Assert.Equal((Topic, 5), Assert.Single(result.RetentionBounds) is var bound ? (bound.Topic, bound.Begin) : default);
    }

    private Task<long> ProduceAsync(int sensor, params int[] values) =>
        Log.ProduceAsync(Message(sensor, [.. values.Select(value => $"{value}")]), topic: Topic);

    private static byte[] Message(int sensor, params string[] values)
    {
        var list = values.Select((value, i) => $"{{\"t\":{(Start / EpochTime.MicrosPerSecond) + i},\"temp\":{value}}}");
        return System.Text.Encoding.UTF8.GetBytes($"{{\"id\":{sensor},\"list\":[{string.Join(',', list)}]}}");
    }

    private async Task StoreAsync(int sensor, double[] values, Marks marks)
    {
        var statistics = values.Aggregate(default(Core.Statistics.RunningStatistics), (all, value) => all.Add(value));
        var row = new WindowRow(
            new(sensor, "temperature", ReconciledLog.Period, Start), statistics, marks, Random.Shared.NextInt64(), 0, IsFinal: true);
        await Log.Store.WriteAsync([row.Write()], TestContext.Current.CancellationToken);
    }

    private async Task CheckpointAsync(long ofSource)
    {
        await Log.CheckpointAsync(1);
        await Log.CheckpointAsync(ofSource, topic: Topic);
    }
}
