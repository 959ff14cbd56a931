using GrainSensors.Core.Windows;

namespace GrainSensors.Ingest.Consuming;

/// <summary>Compares what was read of a partition with the log as it is now, and finds where to go on.</summary>
/// <remarks>
/// Messages with the same offset and epoch are the same, and so are all messages below them. So one message usually suffices: the
/// last one below the checkpoint. Otherwise a binary search finds the first offset that differs.
/// </remarks>
internal sealed class LogComparison(IMessageEpochs log, long low, long high)
{
    /// <param name="next">The offset after the last message that was read.</param>
    /// <param name="epochs">The epochs of the messages that were read.</param>
    public LogContinuation Continue(long next, LeaderEpochs epochs)
    {
        var from = Math.Max(next, low);
        var differs = FirstDifference(from, epochs);
        from = differs ?? from;
        var message = log.First(from, high);
        if (differs is null && (message?.Offset ?? high) >= epochs.NextAfter(from))
        {
            // Nothing is left of the source. The next one begins.
            from = epochs.NextAfter(from);
        }

        if (high == 0 && epochs.Entries.Count == 0)
        {
            // A topic without messages has its first leader, almost always.
            return new(from, epochs.Begin(0, 0), null);
        }

        epochs = differs is not null ? epochs.Truncate(from, message?.Epoch ?? LeaderEpochs.Undecided)
            : message is { } first && first.Offset < epochs.NextAfter(from) && epochs.EpochAt(from) != LeaderEpochs.Unknown
                ? epochs.Begin(from, first.Epoch)
                : epochs;
        return new(from, epochs, differs);
    }

    /// <returns>The first offset that has another message than was read; null if there is none.</returns>
    private long? FirstDifference(long next, LeaderEpochs epochs)
    {
        var end = Math.Min(next, high);
        long? gone = next > high ? high : null;
        if (LastBelow(end) is not { } last || IsSame(last, epochs))
        {
            return gone;
        }

        var (same, other) = (low, last.Offset);
        while (same < other)
        {
            var middle = same + ((other - same) / 2);
            if (log.First(middle, other + 1) is { } message && IsSame(message, epochs))
            {
                same = message.Offset + 1;
            }
            else
            {
                other = middle;
            }
        }

        return same;
    }

    private (long Offset, int Epoch)? LastBelow(long end)
    {
        for (long step = 1; ; step *= 2)
        {
            var from = Math.Max(low, end - step);
            if (from >= end)
            {
                return null;
            }

            var last = log.First(from, end);
            for (var next = last; next is { } message; next = log.First(message.Offset + 1, end))
            {
                last = next;
            }

            if (last is not null || from == low)
            {
                return last;
            }
        }
    }

    private static bool IsSame((long Offset, int Epoch) message, LeaderEpochs epochs) =>
        message.Epoch < 0 || epochs.EpochAt(message.Offset) is var known && (known < 0 || known == message.Epoch);
}

/// <summary>Where the reading of a log goes on.</summary>
/// <param name="Offset">The next offset to read.</param>
/// <param name="Epochs">The epochs of the log up to the next message.</param>
/// <param name="Truncated">The first offset that has another message than was read; null if the log was not truncated.</param>
internal readonly record struct LogContinuation(long Offset, LeaderEpochs Epochs, long? Truncated);
