namespace GrainSensors.Ingest.Partitions;

/// <summary>How long to wait after the n-th failure in a row: 100 ms doubled up to 5 s.</summary>
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
        _wait = wait < Longest ? wait : Longest;
        _failedAt = clock.GetTimestamp();
    }

    public void Succeeded() => _failures = 0;
}
