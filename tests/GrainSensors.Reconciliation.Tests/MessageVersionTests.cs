using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Sources.Configuration;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Messages that were read by earlier configurations.</summary>
[Trait("Category", "System")]
public sealed class MessageVersionTests : IAsyncLifetime
{
    private const long Start = ReconciledLog.Start;

    private static readonly string Topic = $"uplinks-{Guid.NewGuid():N}";

    private static readonly SourceOptions Before = new()
    {
        Name = "uplinks",
        Topics = [Topic],
        Mapping = new()
        {
            Sensor = "{/id}",
            Time = "/t",
            Values = new Dictionary<string, string> { ["temperature"] = "/inside" },
        },
    };

    private static readonly SourceOptions After = Before with
    {
        Mapping = Before.Mapping with { Values = new Dictionary<string, string> { ["temperature"] = "/outside" } },
    };

    private ReconciledLog? _log;

    private ReconciledLog Log => _log!;

    public async ValueTask InitializeAsync() => _log = await ReconciledLog.StartAsync(1, null, Before);

    public ValueTask DisposeAsync() => Log.DisposeAsync();

    [Fact]
    public async Task Each_message_is_judged_by_the_mapping_that_was_in_force_when_it_was_read()
    {
        await Log.AddVersionAsync(Topic, 0, 0);
        await ProduceAsync(inside: 20, outside: 5);
        await Log.ConfigureAsync(After);
        await Log.AddVersionAsync(Topic, 1, 1);
        await ProduceAsync(inside: 21, outside: 6);
        await Log.StoreAsync(7, Start, [20, 6], 1, source: Log.Source(0, Topic));
        await CheckpointAsync(2);

        var result = await Log.RunAsync();

        Assert.Equal((0, 1), (result.Run.Counts.Findings, result.Run.Counts.Compared));
    }

    [Fact]
    public async Task A_message_that_two_versions_may_have_read_is_not_judged_where_they_differ()
    {
        await Log.AddVersionAsync(Topic, 0, 0);
        await ProduceAsync(inside: 20, outside: 5);
        await ProduceAsync(inside: 20, outside: 20, minute: 1);
        await Log.ConfigureAsync(After);
        await Log.AddVersionAsync(Topic, 0, 2);
        await Log.StoreAsync(7, Start, [99], 0, source: Log.Source(0, Topic));
        await Log.StoreAsync(7, Start + ReconciledLog.Period.TotalMicros, [20], 1, source: Log.Source(0, Topic));
        await CheckpointAsync(2);

        var result = await Log.RunAsync();

        Assert.Equal((0, 1), (result.Run.Counts.Findings, result.Run.Counts.Compared));
        Assert.Equal((SkipReason.Ambiguous, 1), Assert.Single(result.Skipped) is var skipped ? (skipped.Reason, skipped.Rows) : default);
    }

    [Fact]
    public async Task A_version_of_a_later_release_is_not_judged()
    {
        await Log.AddVersionAsync(Topic, new(0, 0, """{"measurements":[],"dialect":7}"""));
        await Log.AddVersionAsync(Topic, 1, 1);
        await ProduceAsync(inside: 20, outside: 5);
        await ProduceAsync(inside: 21, outside: 5);
        await Log.StoreAsync(7, Start, [99], 1, source: Log.Source(0, Topic));
        await CheckpointAsync(2);

        var result = await Log.RunAsync();

        Assert.Equal((0, 1), (result.Run.Counts.Findings, result.Run.Counts.Unjudged));
    }

    [Fact]
    public async Task A_measurement_that_was_declared_later_is_not_missing_in_windows_of_before()
    {
        await Log.AddVersionAsync(null, 0, 0, request => request with { Measurements = [MeasurementSet.Default[1]] });
        await Log.ProduceAsync(7, Start, 20);
        await Log.AddVersionAsync(null, 1, 1);
        await Log.ProduceAsync(7, Start + 1_000_000, 21);
        await Log.StoreAsync(7, Start, [21], 1);
        await CheckpointAsync(0, contract: 2);

        var result = await Log.RunAsync();

        Assert.Equal((0, 1), (result.Run.Counts.Findings, result.Run.Counts.Compared));
    }

    [Theory]
    [InlineData("range")]
    [InlineData("missing")]
    [InlineData("conversion")]
    public async Task Values_are_judged_by_the_rules_of_their_time(string rule)
    {
        var then = MeasurementSet.Default[0] switch
        {
            var declared when rule == "range" => declared with { Max = 50 },
            var declared when rule == "missing" => declared with { Missing = [70] },
            var declared => declared with { Conversion = new(0.5, 0) },
        };
        await Log.AddVersionAsync(null, 0, 0, request => request with { Measurements = [then, MeasurementSet.Default[1]] });
        await Log.ProduceAsync(7, Start, 70);
        if (rule == "range")
        {
            await Log.ProduceDeadLetterAsync(ReconciledLog.Json(7, Start, 70), "invalid-value", 0);
        }

        await Log.AddVersionAsync(null, 1, 1);
        await Log.ProduceAsync(7, Start + 1_000_000, 70);
        await Log.StoreAsync(7, Start, rule == "conversion" ? [35, 70] : [70], 1);
        await CheckpointAsync(0, contract: 2);

        var result = await Log.RunAsync();

        Assert.Equal((0, 1), (result.Run.Counts.Findings, result.Run.Counts.Compared));
    }

    [Fact]
    public async Task Messages_before_the_first_version_were_never_read()
    {
        await ProduceAsync(inside: 20, outside: 5);
        await Log.AddVersionAsync(Topic, 1, 1);
        await ProduceAsync(inside: 21, outside: 5, minute: 1);
        await CheckpointAsync(2);

        var result = await Log.RunAsync(request => request with { DryRun = true });

        Assert.DoesNotContain(result.Findings, finding => finding.Key!.Value.Start == Start);
    }

    private Task<long> ProduceAsync(int inside, int outside, int minute = 0) => Log.ProduceAsync(
        System.Text.Encoding.UTF8.GetBytes(
            $"{{\"id\":7,\"t\":{(Start / 1_000_000) + (60 * minute)},\"inside\":{inside},\"outside\":{outside}}}"),
        topic: Topic);

    private async Task CheckpointAsync(long ofSource, long contract = 0)
    {
        await Log.CheckpointAsync(contract);
        await Log.CheckpointAsync(ofSource, topic: Topic);
    }
}
