namespace GrainSensors.Ingest.Partitions;

/// <summary>How long to wait after the n-th failure in a row: from 100 ms doubled up to 5 s, half of it by chance.</summary>
internal sealed class Backoff(TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private int _failures;
    private long _failedAt;
    private TimeSpan _wait;

    public int Failures => _failures;

    public bool IsWaiting => _failures > 0 && clock.GetElapsedTime(_failedAt) < _wait;

    public void Failed()
    {
        var wait = First * Math.Pow(2, Math.Min(_failures++, 10));
        wait = wait < Longest ? wait : Longest;

        // All partitions of all silos lose a store at the same moment; they should not come back to it at the same one.
        _wait = wait * (0.5 + (Random.Shared.NextDouble() / 2));
        _failedAt = clock.GetTimestamp();
    }

    public void Succeeded() => _failures = 0;
}
