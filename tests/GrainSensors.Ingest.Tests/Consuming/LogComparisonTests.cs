using CsCheck;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Consuming;

namespace GrainSensors.Ingest.Tests.Consuming;

public sealed class LogComparisonTests
{
    /// <summary>What was read and the log as it is now share a beginning; a later epoch follows in each. Both have gaps.</summary>
    private static readonly Gen<(int[] Read, int[] Now, int Shared, int Low)> Logs =
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[0, 20], Gen.Int[0, 40], Gen.Int[0, int.MaxValue]).Select(
            (shared, readMore, nowMore, low, seed) =>
            {
                var random = new Random(seed);
                var epoch = 0;
                int[] begin = [.. Enumerable.Range(0, shared).Select(_ => Next(3))];
                int[] read = [.. begin, .. Enumerable.Range(0, readMore).Select(_ => Next(3))];
                var more = epoch + 1;
                epoch = more;
                int[] now = [.. begin, .. Enumerable.Range(0, nowMore).Select(_ => Next(3))];
                return (read, now, shared, Math.Min(low, now.Length));

                // Every tenth offset has no message.
                int Next(int most) => random.Next(10) == 0 ? -1 : epoch += random.Next(4) == 0 ? random.Next(1, most) : 0;
            });

    [Fact]
    public void Reading_goes_on_at_the_first_message_that_differs() => Logs.Sample(logs =>
    {
        var epochs = LeaderEpochs.None.Begin(0, 0);
        for (var offset = 0; offset < logs.Read.Length; offset++)
        {
            epochs = logs.Read[offset] < 0 ? epochs : epochs.Begin(offset, logs.Read[offset]);
        }

        var log = new FakeLog(logs.Now);
        var found = new LogComparison(log, logs.Low, logs.Now.Length).Continue(logs.Read.Length, epochs);

        // The messages that were read and are no longer there.
        var next = Math.Max(logs.Read.Length, logs.Low);
        var differs = Enumerable.Range(logs.Low, Math.Max(0, logs.Now.Length - logs.Low))
            .FirstOrDefault(offset => offset < next && logs.Now[offset] >= 0 && logs.Now[offset] != epochs.EpochAt(offset), -1);
        if (differs >= 0)
        {
            Assert.InRange(found.Offset, LastSame(logs.Now, differs, logs.Low), differs);
            Assert.Equal(found.Offset, found.Truncated);
        }
        else
        {
            Assert.Equal(Math.Min(next, Math.Max(logs.Now.Length, logs.Low)), found.Offset);
        }

        Assert.True(log.Reads < 80, $"{log.Reads} reads");
        var first = ((IMessageEpochs)log).First(found.Offset, logs.Now.Length);
        Assert.Equal(first?.Epoch ?? found.Epochs.EpochAt(found.Offset), found.Epochs.EpochAt(found.Offset));
    });

    [Fact]
    public void A_checkpoint_of_an_older_release_goes_on_without_epochs_up_to_the_end_of_the_log()
    {
        var log = new FakeLog([4, 4, 4, 6, 6]);
        var found = new LogComparison(log, 0, 5).Continue(2, LeaderEpochs.BeforeEpochs(5));
        Assert.Equal((2, 0, 5L), (found.Offset, found.Epochs.IncarnationAt(2), found.Epochs.NextAfter(2)));

        found = new LogComparison(new FakeLog([4, 4, 4, 6, 6, 6]), 0, 6).Continue(5, found.Epochs);
        Assert.Equal((5, 6, 6), (found.Offset, found.Epochs.EpochAt(5), found.Epochs.IncarnationAt(5)));
    }

    [Fact]
    public void A_source_that_ends_in_a_gap_ends_nevertheless()
    {
        var found = new LogComparison(new FakeLog([4, 4, -1, -1, -1, 6]), 0, 6).Continue(2, LeaderEpochs.BeforeEpochs(4));
        Assert.Equal((4, 6), (found.Offset, found.Epochs.EpochAt(4)));
    }

    [Fact]
    public void Without_epochs_a_log_that_ends_too_early_is_a_new_incarnation_from_its_end_on()
    {
        var found = new LogComparison(new FakeLog([-1, -1]), 0, 2).Continue(9, LeaderEpochs.None.Begin(0, LeaderEpochs.Unknown));
        Assert.Equal((2, LeaderEpochs.Undecided), (found.Offset, found.Epochs.EpochAt(2)));
        Assert.Equal(1, found.Epochs.Begin(2, LeaderEpochs.Unknown).IncarnationAt(2));
    }

    /// <returns>The offset after the last message below an offset.</returns>
    private static int LastSame(int[] log, int below, int low)
    {
        while (below > low && log[below - 1] < 0)
        {
            below--;
        }

        return below;
    }

    private sealed class FakeLog(int[] epochs) : IMessageEpochs
    {
        public int Reads { get; private set; }

        (long Offset, int Epoch)? IMessageEpochs.First(long from, long end)
        {
            Reads++;
            for (var offset = from; offset < Math.Min(end, epochs.Length); offset++)
            {
                if (epochs[offset] >= 0)
                {
                    return (offset, epochs[offset]);
                }
            }

            return null;
        }
    }
}
