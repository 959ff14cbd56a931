using System.Collections.Concurrent;
using Confluent.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>
/// The dead letters that wait for their reports from the client. The tag of a message names its batch and its place therein.
/// </summary>
internal sealed class DeadLetterBatches
{
    /// <summary>The bit of a place that marks a message of which only a part is kept.</summary>
    private const int TruncatedBit = 1 << 30;

    private readonly ConcurrentDictionary<int, Batch> _batches = new();
    private int _last;

    public Batch Begin(IReadOnlyList<DeadLetter> deadLetters)
    {
        var batch = new Batch(Interlocked.Increment(ref _last), deadLetters);
        _batches[batch.Id] = batch;
        return batch;
    }

    public void End(Batch batch) => _batches.TryRemove(batch.Id, out _);

    /// <param name="last">The batch of the last report. Those that follow each other mostly belong to one.</param>
    /// <returns>The batch of a message. Null if nobody waits for it any more.</returns>
    public Batch? Of(nint tag, Batch? last) =>
        last?.Id == (int)((long)tag >> 32) ? last : _batches.GetValueOrDefault((int)((long)tag >> 32));

    /// <summary>The place of a message in its batch, and whether only a part of it is kept.</summary>
    public static (int Index, bool IsTruncated) PlaceOf(nint tag) => ((int)tag & ~TruncatedBit, ((int)tag & TruncatedBit) != 0);

    /// <summary>Dead letters that are written together.</summary>
    internal sealed class Batch(int id, IReadOnlyList<DeadLetter> deadLetters)
    {
        private readonly TaskCompletionSource<FailedDeadLetters?> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<DeadLetter> _failed = [];
        private Error? _reason;
        private int _open = deadLetters.Count;

        public int Id => id;

        public IReadOnlyList<DeadLetter> DeadLetters => deadLetters;

        /// <inheritdoc cref="IDeadLetterSink.WriteAsync"/>
        public Task<FailedDeadLetters?> Settled => _settled.Task;

        public nint TagOf(int index, bool isTruncated) => (nint)(((long)id << 32) | (uint)(index | (isTruncated ? TruncatedBit : 0)));

        public void Succeed() => Settle();

        public void Fail(int index, Error reason)
        {
            lock (_failed)
            {
                _failed.Add(deadLetters[index]);
                _reason ??= reason;
            }

            Settle();
        }

        private void Settle()
        {
            if (Interlocked.Decrement(ref _open) == 0)
            {
                _settled.SetResult(_reason is null ? null : new(_failed, new KafkaException(_reason)));
            }
        }
    }
}
