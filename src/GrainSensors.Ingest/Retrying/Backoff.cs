namespace GrainSensors.Ingest.Retrying;

/// <summary>
/// The wait after failures in a row: 100 ms, doubled with each failure up to 5 s, of which up to one half is random.
/// For loops that must keep running while they wait; <see cref="RetryForever"/> is for all others.
/// </summary>
internal sealed class Backoff(TimeProvider clock, Random random)
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

        // All partitions of all silos lose a store at the same moment. The random part keeps them from retrying at the same moment.
        _wait = wait * (0.5 + (random.NextDouble() / 2));
        _failedAt = clock.GetTimestamp();
    }

    public void Succeeded() => _failures = 0;
}
