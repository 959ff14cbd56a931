namespace GrainSensors.Reconciliation.Tests;

/// <summary>Fills the first partition of a log and then writes 200 messages/s, for each of which the broker drops its oldest.</summary>
internal sealed class Flood : IAsyncDisposable
{
    /// <summary>Size of a message; the embedded broker drops a message of this size 2.6 s after its arrival.</summary>
    private const int Bytes = 10_000;

    private const int Full = (int)(Ingest.Embedded.EmbeddedBroker.RetentionBytes / Bytes) + 1;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private readonly TaskCompletionSource<long> _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public Flood(ReconciledLog log) => _running = Task.Run(() => RunAsync(log));

    /// <returns>The end offset of the log when the partition was full.</returns>
    public Task<long> FullAsync() => _full.Task;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(ReconciledLog log)
    {
        var message = new byte[Bytes];
        using var pace = new PeriodicTimer(Interval);
        while (!_stop.IsCancellationRequested)
        {
            var offset = await log.ProduceAsync(message);
            if (offset >= Full)
            {
                _full.TrySetResult(offset + 1);
                await pace.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }
}
