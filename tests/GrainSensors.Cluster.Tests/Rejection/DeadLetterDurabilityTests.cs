using System.Collections.Concurrent;
using GrainSensors.Cluster.Tests.Clusters;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.DeadLetters;

namespace GrainSensors.Cluster.Tests.Rejection;

/// <summary>No checkpoint passes a message that was rejected and is not yet in the dead-letter topic.</summary>
[Trait("Category", "System")]
public sealed class DeadLetterDurabilityTests
{
    private const int Failures = 3;
    private static readonly long Start = PipelineCluster.Period.StartOf(1_700_000_000 * EpochTime.MicrosPerSecond);

    [Fact]
    public async Task While_letters_fail_the_checkpoint_waits_and_then_everything_goes_on()
    {
        var readings = new Readings(PipelineCluster.Period, seed: 51);
        var sink = new FailingSink(Failures);
        await using var pipeline = await PipelineCluster.StartAsync(silos: 1, deadLetters: sink);
        sink.Checkpointed = partition =>
            pipeline.Ingests.Single().GetStatus().Partitions.Single(p => p.Partition == partition).Checkpointed;
        await pipeline.UntilAssignedAsync();

        var letters = 0;
        for (var second = 0; second < 300; second++)
        {
            await pipeline.Producer.AppendAsync(
                1,
                    readings.Next(1, Start + (second * EpochTime.MicrosPerSecond)),
                    cancellationToken: TestContext.Current.CancellationToken);
            if (second % 100 == 50)
            {
                await pipeline.Producer.AppendAsync(
                    1, [.. "no reading"u8, (byte)letters++], cancellationToken: TestContext.Current.CancellationToken);
            }
        }

        await pipeline.FinishAsync();

        Assert.Equal(letters, sink.Written.Count);
        Assert.All(sink.Written.Values, tries => Assert.Equal(Failures + 1, tries));

        // Asked at every try: until a letter is written its own offset is not below the checkpoint.
        Assert.All(
            sink.Seen,
            seen => Assert.True(seen.Checkpointed <= seen.Letter.Offset, $"{seen.Checkpointed} has passed {seen.Letter}"));
        readings.AssertExact(await pipeline.RowsAsync());
    }

    /// <summary>Refuses every letter a few times.</summary>
    private sealed class FailingSink(int failures) : SingleDeadLetters
    {
        private readonly ConcurrentDictionary<DeadLetter, int> _tries = new(ReferenceEqualityComparer.Instance);

        public Func<int, long> Checkpointed { get; set; } = _ => 0;

        /// <summary>How often each letter was tried until it was written.</summary>
        public ConcurrentDictionary<DeadLetter, int> Written { get; } = new(ReferenceEqualityComparer.Instance);

        public ConcurrentQueue<(DeadLetter Letter, long Checkpointed)> Seen { get; } = new();

        protected override async Task WriteAsync(DeadLetter letter)
        {
            await Task.Yield();
            Seen.Enqueue((letter, Checkpointed(letter.Partition)));
            var tries = _tries.AddOrUpdate(letter, 1, static (_, before) => before + 1);
            if (tries <= failures)
            {
                throw new IOException("the dead-letter topic is out of reach");
            }

            Assert.True(Written.TryAdd(letter, tries), $"{letter} was written twice");
        }
    }
}
