using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using GrainSensors.Cluster.Tests.Clusters;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Cluster.Tests.Rejection;

/// <summary>A message that is read again after a crash is judged as it was before, although the clock has moved on.</summary>
[Trait("Category", "System")]
public sealed class RefusalTests
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(10);

    [Fact]
    public async Task What_was_refused_stays_a_dead_letter_and_what_was_accepted_stays_in_its_window()
    {
        var clock = new ShiftedClock();
        var sink = new HeldSink();
        await using var pipeline = await PipelineCluster.StartAsync(
            silos: 2, options => options with { Retention = Retention }, sink, clock: clock);
        await pipeline.UntilAssignedAsync();
        var now = EpochTime.Now(clock);

        // In 90 minutes the first one is expired, and the second one is no longer too far ahead.
        var old = now - EpochTime.From(Retention - TimeSpan.FromMinutes(165));
        await ProduceAsync(1, old);
        await ProduceAsync(2, now + EpochTime.From(TimeSpan.FromHours(2)));
        await Until.Async(
            async () => !sink.Letters.IsEmpty && (await pipeline.RowsAsync()).Count > 0,
            () => $"{sink.Letters.Count} dead letters",
            TimeSpan.FromSeconds(30));

        var owner = pipeline.Cluster.Silos.Single(silo => pipeline.Ingests.ElementAt(pipeline.Cluster.Silos.IndexOf(silo))
            .GetStatus().Partitions.Any(partition => partition.Partition == sink.Letters.First().Partition));
        sink.IsHeld = false;
        clock.Shift(TimeSpan.FromMinutes(90));
        await pipeline.Cluster.KillSiloAsync(owner, TestContext.Current.CancellationToken);
        await ProduceAsync(3, now);
        await pipeline.FinishAsync();

        var rows = await pipeline.RowsAsync();
        Assert.Equal([(1, 1L), (3, 1L)], rows.Values.Select(row => (row.Key.SensorId, row.Statistics.Count)).Order());
        Assert.Equal(2, sink.Letters.Count);
        Assert.Single(sink.Letters.Select(letter => (letter.Partition, letter.Offset, letter.Reason, letter.Detail)).Distinct());

        async Task ProduceAsync(int sensor, long timestamp) => await pipeline.Producer.AppendAsync(
            1,
            Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"sensor_id":{{sensor}},"timestamp":{{timestamp / EpochTime.MicrosPerSecond}},"temperature":20}""")),
            cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>Does not write letters while it holds them, so that no checkpoint passes them.</summary>
    private sealed class HeldSink : SingleDeadLetters
    {
        private readonly TaskCompletionSource _never = new();

        public bool IsHeld { get; set; } = true;

        public ConcurrentQueue<DeadLetter> Letters { get; } = new();

        protected override Task WriteAsync(DeadLetter deadLetter)
        {
            Letters.Enqueue(deadLetter);
            return IsHeld ? _never.Task : Task.CompletedTask;
        }
    }

    private sealed class ShiftedClock : TimeProvider
    {
        private long _shift;

        public void Shift(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + new TimeSpan(Interlocked.Read(ref _shift));
    }
}
