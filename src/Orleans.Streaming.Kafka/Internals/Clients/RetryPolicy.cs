namespace Orleans.Streaming.Kafka.Internals.Clients;

/// <summary>
/// The retries of the provider: an operation is repeated until it succeeds or is cancelled. The first wait is 1 s; each further
/// failure doubles it, up to 5 s.
/// </summary>
internal static class RetryPolicy
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(5);

    /// <param name="failures">Number of failures so far, at least 1.</param>
    public static TimeSpan DelayAfter(int failures) =>
        failures > 3 ? MaxDelay : TimeSpan.FromTicks(Math.Min(FirstDelay.Ticks << (failures - 1), MaxDelay.Ticks));

    /// <param name="failed">Reports each failure.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<T> ExecuteAsync<T>(
        Func<CancellationToken, Task<T>> operation, Action<Exception> failed, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await operation(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed(e);
            }

            await Task.Delay(DelayAfter(failures), clock, cancellationToken);
        }
    }
}
