using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Readings and windows of sensors that have names.</summary>
[Trait("Category", "System")]
public sealed class NamedSensorReconciliationTests : IAsyncLifetime
{
    private static readonly long Minute = ReconciledLog.Period.TotalMicros;

    private ReconciledLog? _log;

    private ReconciledLog Log => _log!;

    public async ValueTask InitializeAsync() => _log = await ReconciledLog.StartAsync();

    public ValueTask DisposeAsync() => Log.DisposeAsync();

    [Fact]
    public async Task Windows_of_a_name_are_compared_by_its_number()
    {
        var numbers = new int[1];
        await Log.Store.Names.NumbersOfAsync(["boiler"u8.ToArray()], numbers, TestContext.Current.CancellationToken);
        await Log.ProduceAsync("""{"sensor_id":"boiler","timestamp":1732400000,"temperature":20}"""u8.ToArray());
        await Log.ProduceAsync("""{"sensor_id":"pump","timestamp":1732400000,"temperature":20}"""u8.ToArray());
        await Log.ProduceAsync("""{"sensor_id":"7","timestamp":1732400000,"temperature":20}"""u8.ToArray());
        await Log.ProduceDeadLetterAsync(
            """{"sensor_id":"pump","timestamp":1732400000,"temperature":20}"""u8.ToArray(), "too-many-sensors", 1);
        var start = ReconciledLog.Period.StartOf(1_732_400_000_000_000);
        await Log.StoreAsync(numbers[0], start, [21], mark: 0);
        await Log.StoreAsync(7, start, [20], mark: 2);
        await Log.CheckpointAsync(3);

        var result = await Log.RunAsync(request => request with { From = start, To = start + Minute, DryRun = true });

        Assert.Equal(2, result.Run.Counts.Compared);
        var finding = Assert.Single(result.Findings);
        Assert.Equal((FindingKind.Differing, numbers[0]), (finding.Kind, finding.Key?.SensorId));
        Assert.Empty(result.Skipped);
    }

    [Fact]
    public async Task A_reading_of_a_name_without_a_number_is_reported()
    {
        await Log.ProduceAsync("""{"sensor_id":"boiler","timestamp":1732400000,"temperature":20}"""u8.ToArray());
        await Log.CheckpointAsync(1);
        var start = ReconciledLog.Period.StartOf(1_732_400_000_000_000);
        var result = await Log.RunAsync(request => request with { From = start, To = start + Minute });
        var finding = Assert.Single(result.Findings);
        Assert.Equal((FindingKind.Parse, "of sensor boiler, whose name has no number"), (finding.Kind, finding.Differs));
    }
}
