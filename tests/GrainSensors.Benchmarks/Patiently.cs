namespace GrainSensors.Benchmarks;

/// <summary>Waits for what should come, though not for ever.</summary>
internal static class Patiently
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static Task UntilAsync(Func<bool> condition, string otherwise, CancellationToken cancellationToken) =>
        UntilAsync(() => Task.FromResult(condition()), otherwise, cancellationToken);

    /// <exception cref="TimeoutException">It did not come, in the words given.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition, string otherwise, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"After {Patience.TotalSeconds:0} s {otherwise}.");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
