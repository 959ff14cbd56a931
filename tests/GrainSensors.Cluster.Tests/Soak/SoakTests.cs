using GrainSensors.Cluster.Tests.Clusters;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;

namespace GrainSensors.Cluster.Tests.Soak;

/// <summary>Two hours of stream time: exact, and nothing grows.</summary>
/// <remarks>15 seconds at 480x as a rule; with GRAINSENSORS_TEST_LONG=1 2 minutes at 60x and ten times the readings.</remarks>
[Trait("Category", "System")]
[Collection(MeasuredAlone.Name)]
public sealed class SoakTests
{
    private const int Sensors = 200;
    private const int Seconds = 2 * 3600;

    /// <summary>Of stream time: at 480x a tick every 21 ms, which is as fine as a timer is.</summary>
    private const int SecondsPerTick = 10;

    private const long MaxGrowth = 16 * 1024 * 1024;

    /// <summary>
    /// Of 24,000 and those that late readings reopen. At this speed several windows pass between two checkpoints, more on
    /// a busy machine, and a sensor without keys has its windows in each partition.
    /// </summary>
    private const int MaxOpenWindows = Sensors * 50;

    private static readonly int Speed = TestLength.IsLong ? 60 : 480;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);

    [Fact]
    public async Task Two_hours_of_late_unordered_and_unkeyed_readings_are_exact_and_nothing_grows()
    {
        var fleet = new Fleet(Sensors, Start, Seconds, interval: TestLength.IsLong ? 1 : 10, seed: 61);
        var expected = new Readings(PipelineCluster.Period, seed: 0);
        fleet.Expect(expected);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1);
        await pipeline.UntilAssignedAsync();
        var ingest = pipeline.Ingests.Single();

        // The pace of the stream is part of what is tested. A busy machine skips ticks: then it is slower, never in a burst.
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds((double)SecondsPerTick / Speed));
        var (second, garbage, mostOpen, heap) = (0, 0, 0L, new List<long>());
        foreach (var message in fleet.Messages())
        {
            if (message.Second > second)
            {
                for (var ticks = (message.Second / SecondsPerTick) - (second / SecondsPerTick); ticks > 0; ticks--)
                {
                    await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
                }

                second = message.Second;
                mostOpen = Math.Max(mostOpen, ingest.GetStatus().OpenWindows);
                if (second % (Seconds / 8) == 0)
                {
                    heap.Add(GC.GetTotalMemory(forceFullCollection: true));
                }
            }

            garbage += message.Reading is null ? 1 : 0;
            await pipeline.Producer.AppendAsync(
                message.SensorId, message.Bytes, message.HasKey, cancellationToken: TestContext.Current.CancellationToken);
        }

        await pipeline.FinishAsync();
        var totals = ingest.GetStatus().Totals;
        expected.AssertExact(await pipeline.RowsAsync());
        Assert.Equal(garbage, totals.Rejects[RejectReason.NotJson]);
        Assert.Equal(garbage, totals.Rejected);
        Assert.True(totals.Late > 100, $"{totals.Late} late readings prove little");
        Assert.Equal((0, 0), (totals.Rewinds, totals.Missed));

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{totals}; heap {string.Join(", ", heap.Select(bytes => bytes >> 20))} MiB; {mostOpen} windows open");
        Assert.InRange(mostOpen, 1, MaxOpenWindows);
        Assert.Equal(0, ingest.GetStatus().OpenWindows);
        Assert.InRange(heap[^1] - heap[heap.Count / 2], long.MinValue, MaxGrowth);
        Assert.InRange(await WindowGrainsAsync(pipeline), 1, Sensors);
    }

    private static async Task<int> WindowGrainsAsync(PipelineCluster pipeline)
    {
        var statistics = await pipeline.Cluster.Client.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        return statistics
            .Where(grain => grain.GrainType.Contains("WindowGrain", StringComparison.Ordinal))
            .Sum(grain => grain.ActivationCount);
    }
}
