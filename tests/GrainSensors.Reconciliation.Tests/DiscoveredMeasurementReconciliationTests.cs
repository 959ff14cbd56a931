using System.Text;
using GrainSensors.Core.Time;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Tests;

/// <summary>Readings and windows of measurements that are not declared.</summary>
[Trait("Category", "System")]
public sealed class DiscoveredMeasurementReconciliationTests : IAsyncLifetime
{
    private static readonly long Minute = ReconciledLog.Period.TotalMicros;

    private ReconciledLog? _log;

    private ReconciledLog Log => _log!;

    public async ValueTask InitializeAsync() => _log = await ReconciledLog.StartAsync();

    public ValueTask DisposeAsync() => Log.DisposeAsync();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Windows_of_a_measurement_are_compared_since_it_is_known_if_the_engine_knows_it(bool knows, bool isSince)
    {
        await ProduceAsync(7, "\"co2\":400,\"note\":\"x\"");
        await ProduceAsync(7, "\"co2\":1e300,\"co2\":410");
        await ProduceAsync(8, "\"door\":true");
        await ProduceAsync(8, "\"door\":false,\"excluded\":5");

        // An earlier version rejected what has only measurements that are not declared.
        await ProduceAsync(9, "\"co2\":500");
        await Log.ProduceDeadLetterAsync(Json(9, "\"co2\":500"), "no-measurement", 4);
        await Log.StoreAsync(7, ReconciledLog.Start, [400, 409], mark: 1, measurement: "co2");
        await Log.CheckpointAsync(5);

        var since = isSince ? ReconciledLog.Start : ReconciledLog.Start + 1;
        var result = await Log.RunAsync(
            request => request with
            {
                To = ReconciledLog.Start + Minute,
                DryRun = true,
                Discovered = [new("co2", since), new("door", since)],
            },
            engine => knows ? engine : new DeclaredOnlyEngine(engine));

        Assert.Equal(
            knows && isSince ? ["Differing 7 co2", "Missing 8 door"] : [],
            result.Findings.Select(finding => $"{finding.Kind} {finding.Key?.SensorId} {finding.Key?.Measurement}").Order());
        Assert.Equal(knows && isSince ? 0 : 1, result.Run.Counts.Unjudged > 0 ? 1 : 0);
    }

    private static byte[] Json(int sensor, string members) => Encoding.UTF8.GetBytes(FormattableString.Invariant(
        $"{{\"sensor_id\":{sensor},\"timestamp\":{ReconciledLog.Start / EpochTime.MicrosPerSecond},{members}}}"));

    private async Task ProduceAsync(int sensor, string members) => await Log.ProduceAsync(Json(sensor, members));

    /// <summary>An engine that knows declared measurements only, as Spark.</summary>
    private sealed class DeclaredOnlyEngine(IRecomputation engine) : IRecomputation
    {
        public string Name => engine.Name;

        public long Read => engine.Read;

        public Task<LogReading> ReadAsync(
            ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
            CancellationToken cancellationToken) =>
            engine.ReadAsync(run, request with { Discovered = [] }, ranges, deadLetters, cancellationToken);

        public IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken) =>
            engine.WindowsAsync(request with { Discovered = [] }, cancellationToken);

        public ValueTask DisposeAsync() => engine.DisposeAsync();
    }
}
