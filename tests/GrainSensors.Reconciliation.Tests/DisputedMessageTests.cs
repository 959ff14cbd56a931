using System.Text;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>A run corrects no window with a message that the stream and the engine classify differently.</summary>
[Trait("Category", "System")]
public sealed class DisputedMessageTests : IAsyncLifetime
{
    private const long Start = ReconciledLog.Start;
    private static readonly long Minute = ReconciledLog.Period.TotalMicros;

    private ReconciledLog? _log;

    private ReconciledLog Log => _log!;

    public async ValueTask InitializeAsync() => _log = await ReconciledLog.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_window_with_a_message_that_both_sides_classify_differently_is_reported_and_left_alone(bool dryRun)
    {
        var disputed = ReconciledLog.Json(7, Start, 20);
        await Log.ProduceDeadLetterAsync(disputed, "not-json", await Log.ProduceAsync(disputed));
        await Log.ProduceAsync(7, Start + Minute, 20);
        await Log.ProduceAsync(8, Start, 20);
        var left = await Log.StoreAsync(7, Start, [20], mark: 0);
        var next = await Log.StoreAsync(7, Start + Minute, [20, 21], mark: 1);
        await Log.CheckpointAsync(3);

        var result = await Log.RunAsync(request => request with { DryRun = dryRun });

        Assert.Equal(left, await Log.FindAsync(left.Key));
        Assert.Equal(dryRun ? 2 : 1, (await Log.FindAsync(next.Key))!.Statistics.Count);
        Assert.Equal(dryRun, await Log.FindAsync(left.Key with { SensorId = 8 }) is null);
        Assert.Equal((1, 1, 2), (result.Run.Counts.Missing, result.Run.Counts.Differing, result.Run.Counts.Parse));
        var finding = result.Findings.Single(finding => finding.Key == left.Key);
        Assert.Equal(
            (FindingKind.Parse, FindingOutcome.Reported, new LogPlace(0, 0), "sample_count +1; holds message 0:0"),
            (finding.Kind, finding.Outcome, finding.Place!.Value, finding.Differs));
    }

    [Fact]
    public async Task A_message_without_a_measurement_that_an_earlier_version_accepted_is_in_no_window()
    {
        await Log.ProduceAsync(Encoding.UTF8.GetBytes($"{{\"sensor_id\":7,\"timestamp\":{Start / 1_000_000},\"battery\":3}}"));
        var wrong = await Log.StoreAsync(7, Start, [20], mark: 0);
        await Log.CheckpointAsync(1);

        var result = await Log.RunAsync();

        Assert.Equal([FindingKind.Surplus], result.Findings.Select(finding => finding.Kind));
        Assert.Null(await Log.FindAsync(wrong.Key));
    }

    [Fact]
    public async Task A_message_that_only_the_stream_can_read_may_be_in_every_row_that_has_applied_its_offset()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync("{garbage"u8.ToArray());
        await Log.ProduceAsync(7, Start + Minute, 20);
        await Log.ProduceAsync(8, Start + Minute, 20);
        await Log.ProduceAsync(9, Start, 20, partition: 1);
        var before = await Log.StoreAsync(7, Start, [20, 21], mark: 0);
        var after = await Log.StoreAsync(7, Start + Minute, [20, 21], mark: 2);
        var equal = await Log.StoreAsync(8, Start + Minute, [20], mark: 3);
        var surplus = await Log.StoreAsync(10, Start, [20], mark: 1);
        var elsewhere = await Log.StoreAsync(9, Start, [20, 21], mark: 0, source: Log.Source(1));
        await Log.CheckpointAsync(4);
        await Log.CheckpointAsync(1, partition: 1);

        var result = await Log.RunAsync();

        foreach (var row in new[] { after, equal, surplus })
        {
            Assert.Equal(row, await Log.FindAsync(row.Key));
        }

        Assert.Equal(1, (await Log.FindAsync(before.Key))!.Statistics.Count);
        Assert.Equal(1, (await Log.FindAsync(elsewhere.Key))!.Statistics.Count);
        Assert.Equal(
            [
                "accepted by the stream, rejected by the engine: not JSON",
                "sample_count +1, mean +0.5, m2 +0.5, max +1; may hold message 0:1",
                "sample_count +1; may hold message 0:1",
            ],
            result.Findings.Where(finding => finding.Kind == FindingKind.Parse).Select(finding => finding.Differs));
        Assert.Equal(2, result.Run.Counts.Corrected);
    }
}
