using GrainSensors.Ingest.Dispatch;

namespace GrainSensors.Ingest.Checkpoints;

/// <summary>
/// The grains that take part in an attempt, and their answers by index. The memory is used again by the next attempt, because a flush
/// may take every grain of a partition twice a second.
/// </summary>
internal sealed class AttemptGrains
{
    private const int LeastCapacity = 128;

    private GrainHandle?[] _handles = [];
    private long[] _lastSent = [];
    private long?[] _answers = [];

    public int Count { get; private set; }

    /// <summary>The answers; null for a grain that has not answered.</summary>
    public Memory<long?> Answers => _answers.AsMemory(0, Count);

    public GrainHandle this[int index] => _handles[index]!;

    /// <summary>The last offset that had been sent to a grain when it was added.</summary>
    public long LastSentAtRequest(int index) => _lastSent[index];

    /// <summary>Removes the grains of the attempt before, which has completed.</summary>
    public void Clear()
    {
        Array.Clear(_handles, 0, Count);
        Array.Clear(_answers, 0, Count);
        Count = 0;
    }

    public void Add(GrainHandle handle)
    {
        if (Count == _handles.Length)
        {
            var capacity = Math.Max(2 * Count, LeastCapacity);
            Array.Resize(ref _handles, capacity);
            Array.Resize(ref _lastSent, capacity);
            Array.Resize(ref _answers, capacity);
        }

        (_handles[Count], _lastSent[Count]) = (handle, handle.LastSent);
        Count++;
    }
}
