using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Which rows a run compares, corrects and skips, and how it reports them.</summary>
[Trait("Category", "System")]
public sealed class ReconcilerTests : IAsyncLifetime
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

    [Fact]
    public async Task Late_repeated_and_unkeyed_readings_count_as_the_stream_counts_them()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(7, Start + Minute, 30);
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(7, Start + Minute - 1, 22, partition: 1);
        await Log.StoreAsync(7, Start, [20, 20, 22], mark: 2);
        await Log.StoreAsync(7, Start + Minute, [30], mark: 1);
        await Log.CheckpointAsync(3);
        await Log.CheckpointAsync(1, partition: 1);

        var result = await Log.RunAsync();

        Assert.Empty(result.Findings);
        Assert.Equal((4, 2), (result.Run.Counts.Readings, result.Run.Counts.Compared));
    }

    [Fact]
    public async Task Readings_beyond_the_checkpoint_make_no_difference()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(7, Start, 21);
        await Log.StoreAsync(7, Start, [20], mark: 0);
        await Log.CheckpointAsync(1);

        var result = await Log.RunAsync();

        Assert.Empty(result.Findings);
        Assert.Equal(1, result.Run.Counts.Compared);
    }

    [Fact]
    public async Task Open_and_modified_windows_are_skipped_and_reported()
    {
        for (var i = 0; i < 4; i++)
        {
            await Log.ProduceAsync(7, Start + (i * Minute), 20);
        }

        var open = await Log.StoreAsync(7, Start, [1], mark: 0, final: false);
        var touched = await Log.StoreAsync(7, Start + Minute, [2], mark: 4);
        await Log.StoreAsync(7, Start + (3 * Minute), [20], mark: 3);

        // The third window has no row, and its source lists it as open.
        await Log.CheckpointAsync(4, streamTime: Start + (3 * Minute), openFrom: Start + (2 * Minute));

        var result = await Log.RunAsync();

        Assert.Empty(result.Findings);
        Assert.Equal(1, result.Run.Counts.Compared);
        Assert.Equal(
            [
                new(SkipReason.Open, 2, Start, Start + (2 * Minute)),
                new(SkipReason.ModifiedSince, 1, Start + Minute, Start + Minute),
            ],
            result.Skipped);
        Assert.Equal(open, await Log.FindAsync(open.Key));
        Assert.Equal(touched, await Log.FindAsync(touched.Key));
    }

    [Fact]
    public async Task A_row_with_readings_that_a_truncated_log_has_lost_is_skipped_and_others_are_judged()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(7, Start + Minute, 22);
        var holdsLost = await Log.StoreAsync(7, Start, [20, 21], mark: 1);
        var wrong = await Log.StoreAsync(7, Start + Minute, [23], mark: 1, source: Log.Source() with { Incarnation = 3 });
        await Log.CheckpointAsync(2, epochs: LeaderEpochs.None.Begin(0, 0).Truncate(1, 3));

        var result = await Log.RunAsync();

        Assert.Equal((1, 1, 0), (result.Run.Counts.Unjudged, result.Run.Counts.Corrected, result.Run.Counts.LeftAlone));
        Assert.Equal(holdsLost, await Log.FindAsync(holdsLost.Key));
        Assert.Equal(
            Marks.Empty.Raise(Log.Source(), 0).Raise(Log.Source() with { Incarnation = 3 }, 1), (await Log.FindAsync(wrong.Key))!.Marks);
    }

    [Fact]
    public async Task A_correction_raises_marks_and_revision_and_names_the_run()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(7, Start, 22);
        await Log.ProduceAsync(8, Start, 22);
        var wrong = await Log.StoreAsync(7, Start, [20], mark: 0);
        await Log.CheckpointAsync(3);
        await Log.CheckpointAsync(0, partition: 1);

        var result = await Log.RunAsync();

        var corrected = await Log.FindAsync(wrong.Key);
        Assert.Equal((2, 21, true, 1), (corrected!.Statistics.Count, corrected.Statistics.Mean, corrected.IsFinal, corrected.Revision));
        Assert.Equal([new(Log.Source(), 2)], corrected.Marks.ToArray());
        Assert.Equal(result.Run.Id, corrected.CorrectedBy);
        Assert.NotEqual(wrong.RowVersion, corrected.RowVersion);
        var inserted = await Log.FindAsync(wrong.Key with { SensorId = 8 });
        Assert.Equal((1, 2), (inserted!.Statistics.Count, inserted.Marks[Log.Source()]));
        var differing = result.Findings.Single(finding => finding.Kind == FindingKind.Differing);
        Assert.Equal("sample_count -1, mean -1, m2 -2, max -2", differing.Differs);
    }

    [Fact]
    public async Task A_row_that_is_written_meanwhile_is_not_corrected()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(8, Start, 20);
        var wrong = await Log.StoreAsync(7, Start, [1], mark: 0);
        var surplus = await Log.StoreAsync(9, Start, [1], mark: 0);
        await Log.CheckpointAsync(2);
        WindowRow[] theirs =
        [
            wrong with { RowVersion = 1, Revision = 5 },
            surplus with { RowVersion = 2, Revision = 5 },
            wrong with { Key = wrong.Key with { SensorId = 8 }, RowVersion = 3 },
        ];

        var result = await Log.RunAsync(wrap: engine => new InterferingEngine(engine, () => Log.Store.WriteAsync(
            [theirs[0].Write(wrong.RowVersion), theirs[1].Write(surplus.RowVersion), theirs[2].Write()], CancellationToken.None)));

        Assert.Equal(3, result.Findings.Count);
        Assert.All(result.Findings, finding => Assert.Equal(FindingOutcome.Refused, finding.Outcome));
        Assert.Equal(0, result.Run.Counts.Corrected);
        foreach (var row in theirs)
        {
            Assert.Equal(row, await Log.FindAsync(row.Key));
        }
    }

    [Fact]
    public async Task Rows_of_a_topic_that_is_gone_are_not_judged()
    {
        await Log.ProduceAsync(7, Start, 20);
        var row = await Log.StoreAsync(7, Start, [1, 2, 3], mark: 99, source: new(Guid.NewGuid(), 0));
        await Log.CheckpointAsync(1);

        var result = await Log.RunAsync();

        Assert.Empty(result.Findings);
        Assert.Equal([new(SkipReason.NotOurs, 1, Start, Start)], result.Skipped);
        Assert.Equal(row, await Log.FindAsync(row.Key));
    }

    [Fact]
    public async Task A_row_that_retention_may_have_removed_is_not_missed()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.CheckpointAsync(1);

        var result = await Log.RunAsync(request => request with { KeptFrom = Start + (2 * Minute) });

        Assert.Empty(result.Findings);
        Assert.Equal(1, result.Run.Counts.Unjudged);
    }

    [Fact]
    public async Task Dead_letters_are_left_out_and_what_both_sides_judge_differently_is_told()
    {
        var good = ReconciledLog.Json(7, Start, 20);
        var garbage = "{garbage"u8.ToArray();
        await Log.ProduceDeadLetterAsync(garbage, "not-json", await Log.ProduceAsync(garbage));
        await Log.ProduceDeadLetterAsync(good, "expired", await Log.ProduceAsync(good));
        await Log.ProduceDeadLetterAsync(good, "not-json", await Log.ProduceAsync(good));
        await Log.ProduceAsync(garbage);
        await Log.ProduceAsync(good);
        await Log.StoreAsync(7, Start, [20], mark: 4);
        await Log.CheckpointAsync(5);

        var result = await Log.RunAsync();

        Assert.Equal([FindingKind.Parse, FindingKind.Parse], result.Findings.Select(finding => finding.Kind));
        Assert.Equal(
            [
                (new LogPlace(0, 2), "rejected by the stream as not-json, accepted by the engine"),
                (new(0, 3), "accepted by the stream, rejected by the engine: not JSON"),
            ],
            result.Findings.Select(finding => (finding.Place!.Value, finding.Differs)));
    }

    [Fact]
    public async Task A_dead_letter_of_a_deleted_topic_of_the_same_name_excludes_no_reading()
    {
        await Log.ProduceDeadLetterAsync("{garbage"u8.ToArray(), "not-json", offset: 0);
        await Log.ProduceAsync(7, Start, 20);
        await Log.StoreAsync(7, Start, [20], mark: 0);
        await Log.CheckpointAsync(1);

        var result = await Log.RunAsync();

        Assert.Empty(result.Findings);
        Assert.Equal(1, result.Run.Counts.Compared);
    }

    [Fact]
    public async Task Windows_beyond_the_log_are_skipped_and_reported()
    {
        TestKafka.SkipUnlessEmbedded("a real broker drops its log at times of its own");
        var row = await Log.StoreAsync(7, Start, [1, 2, 3], mark: 5);

        // The broker keeps 5 MiB of a partition.
        var filler = new byte[900_000];
        var next = 0L;
        for (var i = 0; i < 10; i++)
        {
            next = await Log.ProduceAsync(filler) + 1;
        }

        await Log.CheckpointAsync(next);
        var result = await Log.RunAsync();

        Assert.DoesNotContain(result.Findings, finding => finding.Kind != FindingKind.Parse);
        Assert.Equal([new(SkipReason.BeyondLog, 1, Start, Start)], result.Skipped);
        var bound = Assert.Single(result.RetentionBounds);
        Assert.True(bound.Source == Log.Source() && bound.Begin > 0);
        Assert.True(bound.Written > EpochTime.Now(TimeProvider.System) - (3_600 * EpochTime.MicrosPerSecond));
        Assert.Equal(row, await Log.FindAsync(row.Key));
    }

    [Fact]
    public async Task A_log_that_loses_its_oldest_batch_for_each_new_one_is_read_to_its_end()
    {
        TestKafka.SkipUnlessEmbedded("a real broker drops whole segments");
        var row = await Log.StoreAsync(7, Start, [1, 2, 3], mark: 5);
        await using var flood = new Flood(Log);
        await Log.CheckpointAsync(await flood.FullAsync());

        // The beginning of the log is outdated when the answer arrives.
        const short listOffsets = 2;
        for (var i = 0; i < 200; i++)
        {
            Log.Kafka.Embedded.DelayNext(listOffsets, TimeSpan.FromMilliseconds(30));
        }

        var result = await Log.RunAsync();

        Assert.Contains(result.Findings, finding => finding.Kind == FindingKind.Parse); // the flood consists of invalid messages
        Assert.DoesNotContain(result.Findings, finding => finding.Kind != FindingKind.Parse);
        Assert.Equal([new(SkipReason.BeyondLog, 1, Start, Start)], result.Skipped);
        Assert.Equal(row, await Log.FindAsync(row.Key));
    }

    [Fact]
    public async Task Messages_that_an_engine_skipped_count_as_lost_by_the_log()
    {
        await Log.ProduceAsync(7, Start, 20);
        await Log.ProduceAsync(8, Start, 20);
        await Log.StoreAsync(7, Start, [20, 21], mark: 1);
        await Log.CheckpointAsync(2);

        var result = await Log.RunAsync(wrap: engine => new OvertakenEngine(engine, Log.Source(), from: 1));

        Assert.Empty(result.Findings);
        Assert.Equal([new(SkipReason.BeyondLog, 2, Start, Start)], result.Skipped);
        Assert.Equal(1, Assert.Single(result.RetentionBounds).Begin);
    }

    [Fact]
    public async Task Only_the_requested_range_and_sensors_are_compared()
    {
        foreach (var sensor in new[] { 7, 8 })
        {
            await Log.ProduceAsync(sensor, Start, 20);
            await Log.ProduceAsync(sensor, Start + Minute, 20);
        }

        await Log.CheckpointAsync(4);
        var result = await Log.RunAsync(request => request with { From = Start + Minute, SensorIds = [8], DryRun = true });

        var finding = Assert.Single(result.Findings);
        Assert.Equal(FindingKind.Missing, finding.Kind);
        Assert.Equal(new WindowKey(8, "temperature", ReconciledLog.Period, Start + Minute), finding.Key!.Value);
        Assert.Null(await Log.FindAsync(finding.Key.Value));
    }
}
