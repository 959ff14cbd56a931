namespace GrainSensors.Reconciliation.Tests;

/// <summary>Fills the first partition of a log, and goes on: for each message the broker drops its oldest one, 200 a second.</summary>
internal sealed class Flood : IAsyncDisposable
{
    /// <summary>The embedded broker holds so many of them that each is gone 2.6 s after it has come.</summary>
    private const int Bytes = 10_000;

    private const int Full = (int)(Ingest.Embedded.EmbeddedBroker.RetentionBytes / Bytes) + 1;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private readonly TaskCompletionSource<long> _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public Flood(ReconciledLog log) => _running = Task.Run(() => RunAsync(log));

    /// <returns>The end of the log when it had become full.</returns>
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
